"""What a release may see of judgements: their facts, the terms of their consent, whether it was taken back. The view
runs with its owner's rights, so the export role reads through it what it cannot read itself: nothing else of a person.
"""

from django.db import migrations

VIEW = """
CREATE VIEW annotations_exportable AS
SELECT j.id, j.person_id, j.item_id, j.cell_id, j.kind, j.opt_out, j.judge_variety_id, j.shown, j.counted, j.late,
       j.undone_at, j.received_at, j.seconds, j.guideline_version, j.channel, j.offer_policy, j.offer_probability,
       j.consent_id, c.version AS consent_version,
       coalesce((c.purposes ->> 'train')::boolean, false) AS may_train,
       w.id IS NOT NULL AS withdrawn
  FROM annotations_judgement j
  JOIN annotations_consent c ON c.id = j.consent_id
  LEFT JOIN LATERAL (
      SELECT w.id FROM annotations_consent w
       WHERE w.subject = c.subject AND w.act = 'withdraw' AND w.id > c.id LIMIT 1
  ) w ON true
"""


class Migration(migrations.Migration):
    dependencies = [("annotations", "0001_initial")]
    operations = [migrations.RunSQL(VIEW, "DROP VIEW annotations_exportable")]
