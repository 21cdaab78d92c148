"""Every table that points to a person: what stands in their own archive, and what erasing them does to its rows.

One table for all chapters, as the panel is (`admin/`). A house test fails while a foreign key to a person has no row.
"""

from annotations.assignments.guests.queries import waiting_told
from annotations.assignments.queries import answers_told, items_told
from annotations.assignments.stewards.actions import forget_markings
from annotations.flagging.queries import flags_told
from annotations.people.accounts.actions import forget_wishes
from annotations.people.competence.actions import forget_namings
from annotations.people.rights.registry import Right
from annotations.people.stewards.actions import forget_reasons
from annotations.quality.actions import erase_judgements
from annotations.quality.argilla.actions import forget_at_the_desk
from annotations.quality.gates.actions import forget_why
from annotations.quality.signals.actions import forget_looks
from annotations.quality.signals.queries import alike_told
from annotations.reviewing.actions import forget_words
from annotations.training.actions import forget_places

RIGHTS = (
    Right(
        "annotations.SpokenVariety", "person", ("variety_id", "how", "command", "since", "until"), "delete",
        when="since",
    ),
    Right(
        "annotations.Confirmed", "person",
        ("variety_id", "how", "since", "reason", "until", "ended_code", "ended_reason"), "delete",
    ),
    Right(
        "annotations.Confirmed", "confirmed_by", ("variety_id", "since", "reason"), "keep",
        "that somebody was confirmed is theirs", when="since", erase=forget_namings,
    ),
    Right(
        "annotations.Confirmed", "ended_by", ("variety_id", "until", "ended_code", "ended_reason"), "keep",
        "that it was taken back, and why, is theirs", when="until",
    ),
    Right("annotations.Vouch", "person", ("variety_id", "at"), "delete"),
    Right("annotations.Vouch", "speaker", ("variety_id", "at"), "delete", when="at"),
    Right(
        "annotations.VouchCode", "person", ("variety_id", "made_at", "expires_at"), "delete", when="made_at"
    ),
    Right("annotations.SensitiveFacts", "person", (), "delete"),
    Right("annotations.Credit", "person", ("name", "affiliation", "orcid", "changed_at"), "delete", when="changed_at"),
    Right("annotations.RequestText", "person", ("request_id", "text"), "delete"),
    Right("annotations.Session", "person", ("expire_date",), "delete"),
    # Before the judgements, which it takes back one by one.
    Right(
        "annotations.Expert", "person", ("name", "invited_at", "leaves_at", "gone_at"), "keep",
        "their account at the desk of the experts is found by it, removed there and then gone here too",
        when="invited_at", erase=forget_at_the_desk,
    ),
    # Before the judgements: by them one finds the words that others have on the table, and the prompts they became.
    Right("annotations.Item", "author", ("id", "kind"), "unlink", erase=forget_words),
    Right(
        "annotations.Assignment", "person", ("id", "item_id", "state", "claimed_at"), "unlink",
        when="claimed_at", erase=erase_judgements,
    ),
    Right("annotations.Admission", "person", ("campaign_id", "since", "until"), "delete", when="since"),
    Right(
        "annotations.Admission", "by", ("campaign_id", "since"), "keep", "that somebody was let in is theirs",
        when="since",
    ),
    Right(
        "annotations.Inquiry", "person", ("kind", "item_id", "text", "asked_at", "answer", "answered_at"), "delete",
        when="asked_at",
    ),
    Right("annotations.Inquiry", "answered_by", ("kind", "answer", "answered_at"), "keep",
          "the answer is theirs who asked", when="answered_at"),
    Right("annotations.OpenAnswer", "told_by", ("kind", "question", "answer", "told_at"), "keep",
          "it helps all who judge, and names nobody", when="told_at"),
    Right("annotations.Draft", "person", ("assignment_id", "fields", "version", "saved_at"), "delete", when="saved_at"),
    Right(
        "annotations.Steward", "person",
        ("variety_id", "shown_name", "proposed_at", "accepted_at", "ended_at"), "keep",
        "a community's appointments stay on record, no longer whose they were", when="accepted_at",
    ),
    Right(
        "annotations.Steward", "proposed_by", ("variety_id", "why", "proposed_at"), "keep",
        "as above", when="proposed_at", erase=forget_reasons,
    ),
    Right(
        "annotations.Steward", "recorded_by", ("variety_id", "letter_body", "recorded_at"), "keep", "as above"
    ),
    Right(
        "annotations.StewardsDecision", "proposed_by", ("variety_id", "kind", "reason", "proposed_at"), "keep",
        "a community's decisions stay on record with their reasons", when="proposed_at",
    ),
    Right(
        "annotations.StewardsApproval", "person", ("decision_id", "approves", "at"), "keep",
        "a decision needs its quorum to be seen", when="at",
    ),
    Right(
        "annotations.VarietyProposal", "proposed_by",
        ("name", "other_names", "place", "parent_id", "why", "proposed_at", "state", "note"), "delete",
        when="proposed_at",
    ),
    Right(
        "annotations.VarietyProposal", "decided_by", ("name", "state", "decided_at"), "keep",
        "the answer belongs to who asked",
    ),
    Right(
        "annotations.Hidden", "hidden_by", ("item_id", "kind", "code", "text", "hidden_at"), "keep",
        "what was hidden stays hidden", when="hidden_at", erase=forget_markings,
    ),
    Right(
        "annotations.Judgement", "person",
        ("assignment_id", "kind", "opt_out", "judge_variety_id", "guideline_version", "consent_id", "language",
         "channel", "seconds", "client_at", "received_at", "late", "counted", "not_counted", "undone_at"),
        "unlink", when="received_at", erase=erase_judgements,
    ),
    Right("annotations.Remit", "person", ("variety_id", "country", "since", "until"), "delete", when="since"),
    Right(
        "annotations.Remit", "given_by", ("variety_id", "country", "since"), "keep",
        "what the others look after stays theirs", when="since",
    ),
    Right("annotations.Anchor", "person", ("variety_id", "why", "since", "until"), "delete", when="since"),
    Right(
        "annotations.Anchor", "named_by", ("variety_id", "why", "since"), "keep",
        "verdicts rest on who was trusted", when="since",
    ),
    Right(
        "annotations.Expert", "invited_by", ("name", "invited_at"), "keep", "whose account it is stays on record",
        when="invited_at",
    ),
    Right(
        "annotations.ExpertRecord", "chosen_by", ("id", "why", "chosen_at"), "keep",
        "that experts were asked about an item stays on record", when="chosen_at",
    ),
    Right(
        "annotations.Alarm", "lifted_by", ("lifted_at", "reason"), "keep",
        "that an alarm was lifted stays with its reason", when="lifted_at",
    ),
    Right(
        "annotations.Known", "retired_by", ("item_id", "retired_at", "retired_why"), "keep",
        "that a gold item is asked of nobody stays with its reason", when="retired_at",
    ),
    Right(
        "annotations.Reliability", "person",
        ("campaign_id", "variety_id", "judgements", "gold_agreed", "gold_of", "anchors_agreed", "anchors_of",
         "others_agreed", "others_of", "computed_at"), "delete",
    ),
    Right(
        "annotations.Objection", "person", ("item_id", "text", "made_at", "decision", "answer", "decided_at"), "delete",
        when="made_at",
    ),
    Right(
        "annotations.Objection", "decided_by", ("item_id", "decision", "answer", "decided_at"), "keep",
        "what was answered is theirs who asked", when="decided_at",
    ),
    Right("annotations.Averted", "person", ("output_id", "since"), "delete", when="since"),
    Right("annotations.Bookmark", "person", ("campaign_id", "kind", "variety_id"), "delete"),
    Right(
        "annotations.Look", "decided_by", ("item_id", "decision", "reason", "decided_at"), "keep",
        "what is hidden or shown again stays with its reason",
    ),
    Right(
        "annotations.Hold", "person",
        ("campaign_id", "why", "work", "variety_id", "share", "limit", "judgements", "mode", "found_at", "released_at"),
        "keep", "that something was kept aside stays as long as what it kept aside, no longer whose it was",
    ),
    Right(
        "annotations.Hold", "asked_by", ("campaign_id", "why", "asked_at", "reason"), "keep",
        "that two people let something count again stays on record", when="asked_at", erase=forget_why,
    ),
    Right(
        "annotations.Hold", "released_by", ("campaign_id", "why", "released_at"), "keep", "as above",
        when="released_at",
    ),
    Right(
        "annotations.Signal", "person",
        ("campaign_id", "kind", "work", "button", "part", "whole", "others", "by_chance", "found_at", "last_at",
         "looked_at", "reason"),
        "delete",
    ),
    Right(
        "annotations.Signal", "looked_by", ("campaign_id", "kind", "looked_at", "reason"), "keep",
        "that somebody looked is what keeps it from being asked again", when="looked_at", erase=forget_looks,
    ),
    Right(
        "annotations.Release", "recalled_by", ("version", "recalled_at", "reason", "why"), "keep",
        "whoever took a release must know why it was taken back", when="recalled_at",
    ),
    Right(
        "annotations.Edition", "named_by", ("slug", "title", "why", "named_at"), "keep",
        "an edition keeps its name, no longer who gave it", when="named_at",
    ),
    Right(
        "annotations.Retraction", "asked_by", ("release_id", "reason", "why", "asked_at"), "keep",
        "why a release was to be taken back stays known, no longer who asked for it", when="asked_at",
    ),
    Right(
        "annotations.Retraction", "confirmed_by", ("release_id", "reason", "confirmed_at"), "keep", "as above",
        when="confirmed_at",
    ),
    Right(
        "annotations.ConsentText", "first_by", ("name", "sha256", "first_at"), "keep",
        "that two people approved what everybody agreed to stays known, no longer who", when="first_at",
    ),
    Right(
        "annotations.ConsentText", "second_by", ("name", "sha256", "second_at"), "keep", "as above", when="second_at",
    ),
    Right(
        "annotations.Pin", "pinned_by", ("release_id", "why", "pinned_at"), "keep",
        "what is cited is kept, and why", when="pinned_at",
    ),
    Right(
        "annotations.Partnership", "person", ("slug", "name", "begins_on", "ends_on"), "keep",
        "an agreement stays known, no longer by which account its files were fetched",
    ),
    Right(
        "annotations.Partnership", "made_by", ("slug", "name", "made_at"), "keep",
        "an agreement stays known, no longer who put it in", when="made_at",
    ),
    Right(
        "annotations.ExternalBatch", "brought_by", ("document", "entered_at"), "keep",
        "votes keep the document they came under, no longer who brought it", when="entered_at",
    ),
    Right(
        "annotations.ExternalBatch", "withdrawn_by", ("document", "withdrawn_at", "why"), "keep",
        "that a document was withdrawn, and why, stays known", when="withdrawn_at",
    ),
    Right(
        "annotations.Sanction", "person",
        ("kind", "code", "words", "most_a_day", "decided_at", "ends_at", "read_at", "ended_at", "why_lifted"), "delete",
    ),
    Right(
        "annotations.Sanction", "decided_by", ("kind", "code", "decided_at"), "keep",
        "a decision belongs to whom it is about", when="decided_at",
    ),
    Right("annotations.Sanction", "second", ("kind", "seconded_at"), "keep", "as above", when="seconded_at"),
    Right("annotations.Sanction", "lifted_by", ("kind", "ended_at"), "keep", "as above", when="ended_at"),
    Right(
        "annotations.Appeal", "person",
        ("sanction_id", "purge_id", "text", "made_at", "granted", "answer", "answered_at"), "delete", when="made_at",
    ),
    Right(
        "annotations.Appeal", "answered_by", ("granted", "answered_at"), "keep", "the answer belongs to who asked",
        when="answered_at",
    ),
    Right(
        "annotations.Ruling", "ruled_by", ("cell_id", "kind", "votes", "reason", "ruled_at"), "keep",
        "verdicts rest on it; it stays with its reason, no longer whose it was", when="ruled_at",
    ),
    Right(
        "annotations.Purge", "person",
        ("code", "words", "approved_at", "taken", "done_at", "why_undone", "returned", "undone_at"), "delete",
    ),
    Right(
        "annotations.Purge", "asked_by", ("code", "asked_at"), "keep",
        "what was taken out, and why, is theirs who gave it", when="asked_at",
    ),
    Right("annotations.Purge", "approved_by", ("code", "approved_at"), "keep", "as above", when="approved_at"),
    Right("annotations.Purge", "undone_by", ("undoing_at", "why_undone"), "keep", "as above", when="undoing_at"),
    Right("annotations.Receipt", "person", ("key",), "delete"),
    Right("annotations.WayBack", "person", ("made_at", "expires_at"), "delete"),
    Right("annotations.Help", "person", ("asked_at", "agreed_at"), "delete"),
    Right(
        "annotations.Help", "asked_by", ("asked_at", "reason"), "keep",
        "that two people let somebody back in stays on record", erase=forget_wishes,
    ),
    Right(
        "annotations.Help", "agreed_by", ("agreed_at",), "keep", "that two people agreed stays on record"
    ),
    Right(
        "annotations.TrainingRun", "owner", ("id", "recipe", "base_model", "place", "state", "made_at"), "keep",
        "what a model was made of stays known, no longer who made it", when="made_at",
        erase=forget_places,
    ),
    Right("account.EmailAddress", "user", ("email", "verified"), "delete"),
    Right("mfa.Authenticator", "user", ("type", "created_at", "last_used_at"), "delete"),
    Right("annotations.Guest", "person", ("variety_id", "agreed_at"), "delete"),
    Right("annotations.Note", "person", ("campaign_id", "asked_at"), "delete", when="asked_at"),
    Right(
        "annotations.Pack", "person", ("campaign_id", "weight", "taken_at", "expires_at", "ended_at"), "delete",
        when="taken_at",
    ),
    Right("knox.AuthToken", "user", ("created", "expiry"), "delete", when="created"),
    Right(
        "admin.LogEntry", "user", ("action_time", "action_flag"), "keep",
        "that something was changed by hand stays on record, no longer by whom", when="action_time",
    ),
)  # fmt: skip
FILES = {"items.jsonl": items_told, "answers.jsonl": answers_told, "waiting.jsonl": waiting_told,
         "flags.jsonl": flags_told, "alike.jsonl": alike_told}  # fmt: skip
"""What else stands in the archive: JSON lines, by the file's name."""
