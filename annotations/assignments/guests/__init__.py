"""Guests: the first task before any account.

Somebody says which variety they speak, that they are 18 or older and that their answers may be kept for thirty days;
then they judge up to ten items of open campaigns, under a random id that stands in their session and nowhere else.
Nothing more is known of them: no address, no browser, no name.

What a guest answers takes no seat, enters no verdict and no release. It lies in a table of its own until the guest
joins or logs in. Then it is claimed: linked to the account at once, and turned into real judgements, through the same
code as any other, as soon as the account speaks a variety that may judge them and its own full consent is in force.
What nobody claims is deleted after thirty days.

A guest's turn is an answer that is not given yet: the row that keeps the order shown is the row that takes the answer,
and at the claim its id becomes that of the seat. So the table that shows it is the members' own (`table/table.html`).
"""
