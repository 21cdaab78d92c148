from django.db import migrations

# As in 0008_cycle; what runs out is asked about for the moment that all workers at a release share, where they do.
GOVERNED = """
CREATE OR REPLACE VIEW annotations_governed AS
SELECT v.tag AS variety_id, u.free_from,
       CASE WHEN c.stands THEN c.permitted_use ELSE '{}' END AS permitted_use,
       coalesce(c.stands AND s.enough AND c.takes_contributions, false) AS takes_contributions,
       coalesce(c.stands AND s.enough AND c.shows_anonymous, false) AS shows_anonymous,
       coalesce(c.stands AND s.enough AND c.sends_to_endpoints, false) AS sends_to_endpoints,
       coalesce(c.stands AND s.enough AND c.sends_to_argilla, false) AS sends_to_argilla,
       coalesce(c.stands AND s.enough AND c.keeps_in_memory, false) AS keeps_in_memory
  FROM annotations_variety v
  LEFT JOIN (
      SELECT variety_id, count(*) >= 2 AS enough FROM annotations_steward
       WHERE accepted_at IS NOT NULL AND ended_at IS NULL GROUP BY variety_id
  ) s ON s.variety_id = v.tag
  LEFT JOIN (
      -- The last that came into force, whether it still is or not: one taken back does not bring the one before it back.
      SELECT DISTINCT ON (ch.variety_id) ch.*, d.revoked_at IS NULL AS stands
        FROM annotations_charter ch JOIN annotations_stewardsdecision d ON d.charter_id = ch.id
       WHERE d.in_force_at IS NOT NULL ORDER BY ch.variety_id, d.in_force_at DESC
  ) c ON c.variety_id = v.tag
  LEFT JOIN LATERAL (
      SELECT min(d.in_force_at) AS free_from FROM annotations_stewardsdecision d
       WHERE v.governed = 'ask' AND d.variety_id = v.tag AND d.kind = 'ungoverned' AND d.in_force_at IS NOT NULL
         AND d.revoked_at IS NULL AND (
             d.expires_at IS NULL
             OR d.expires_at > coalesce(nullif(current_setting('minka.moment', true), '')::timestamptz, now())
         )
  ) u ON true
 WHERE v.governed <> 'no';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0020_names_of_tables'),
    ]

    operations = [
        migrations.RunSQL(GOVERNED, migrations.RunSQL.noop),
    ]
