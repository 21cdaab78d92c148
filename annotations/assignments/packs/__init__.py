"""Working away from the network: a pack of items is taken along, done where there is no signal, and sent afterwards.

A pack is up to fifty ordinary seats whose lease lasts seven days. The browser keeps their turns as the server rendered
them (`static/pack.js`), puts each answer into the outbox that every answer goes through (`static/outbox.js`), and the
server takes them as it takes any other: under the client's own key, late or not. One pack a person; one pack seat an
item; at most a fifth of a campaign's open seats lie in packs, so that the rest stays within everybody's reach.

What is not carried: items that touch something hurtful, because the veil in front of them asks at the moment they are
met; and kinds that say so (`Kind.carried`), as reviews do, which are read against the newest state of a text. Texts of
governed varieties are carried by whoever may see them at the table: it is the same person, on the same phone. What was
hidden, or taken out of reach, since it was packed leaves the phone the next time it meets the network.
"""
