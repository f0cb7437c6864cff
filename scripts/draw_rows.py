"""Draw the picture in README.md: a few rows of the demo's tables.

Run after ``make demo``, while its PostgreSQL runs:

    genesys-sandbox run -- python -m scripts.draw_rows
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "rows.svg"

#: Selects a call with a menu, a queue, an agent, a hold and a wrap-up code.
CALL = """
    select c.conversation_id
    from conversations c
    join conversation_participants p using (conversation_id)
    join conversation_segments s using (conversation_id, participant_id)
    where c.media_types = array['voice'] and cardinality(c.queue_ids) = 1
      and c.originating_direction = 'inbound' and c.conversation_end is not null
      and exists (
        select from queues
        where queues.id = c.queue_ids[1] and queues.name ~ '^[A-Z][A-Za-z ]+$'
      )
    group by c.conversation_id, c.conversation_start
    having count(distinct p.purpose) = 4 and count(distinct p.participant_id) = 4
      and bool_or(s.segment_type = 'hold') and count(s.wrap_up_code) = 1
      and count(*) between 8 and 10
    order by c.conversation_start desc
    limit 1
"""
TABLES = {
    "conversations": """
        select
          left(conversation_id::text, 8) || '…' as conversation_id, conversation_start,
          duration_ms, media_types[1] as media_types, originating_direction
        from conversations where conversation_id = %(call)s
    """,
    "conversation_segments, with purpose and names from the tables they join to": """
        select
          p.purpose, s.segment_number as "#", s.segment_type, s.segment_start,
          s.segment_end, q.name as queue, w.name as wrap_up_code
        from conversation_segments s
        join conversation_participants p using (conversation_id, participant_id)
        left join queues q on q.id = s.queue_id
        left join wrapup_codes w on w.id = s.wrap_up_code
        where conversation_id = %(call)s
        order by s.segment_start, s.segment_end desc, s.segment_number
    """,
    "queue_performance_half_hourly, of that queue in that half hour": """
        select
          q.name as queue, a.interval_start, a.media_type, a.metric, a.count, a.sum::int
        from queue_performance_half_hourly a
        join queues q on q.id = a.queue_id
        join conversations c on q.id = c.queue_ids[1]
          and c.conversation_start >= a.interval_start
          and c.conversation_start < a.interval_end
        where c.conversation_id = %(call)s and a.media_type = 'voice'
          and metric in ('nOffered', 'tAnswered', 'tTalk', 'tHeld', 'tAcw')
        order by metric
    """,
}

CHARACTER, LINE, MARGIN = 7.3, 20, 24
STYLE = """
    text { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    .table { font-weight: 700; fill: #8ab4ff; }
    .column { fill: #93a1b5; }
    .cell { fill: #e6ebf2; }
"""


def cell_text(value: Any) -> str:  # noqa: ANN401 (any value of a column)
    """Return a value as text for the picture."""
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d %H:%M:%S"))
    return f"{value:,}" if isinstance(value, int) else str(value)


def picture_of(tables: dict[str, list[dict[str, Any]]]) -> str:
    """Return the picture as SVG, with its own background for light and dark pages."""
    texts, y, width = [], MARGIN + 12, 0.0
    for title, rows in tables.items():
        texts.append(f'<text class="table" x="{MARGIN}" y="{y}">{title}</text>')
        x = float(MARGIN)
        for column in rows[0]:
            cells = [cell_text(row[column]) for row in rows]
            for number, cell in enumerate([column, *cells]):
                kind = "cell" if number else "column"
                position = f'x="{x:g}" y="{y + LINE * (number + 1)}"'
                texts.append(f'<text class="{kind}" {position}>{escape(cell)}</text>')
            x = round(x + CHARACTER * (max(map(len, [column, *cells])) + 2), 1)
        width = max(width, x)
        y += LINE * (len(rows) + 3)
    size = f"{width + MARGIN / 2:g}", f"{y - LINE:g}"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {" ".join(size)}">',
            "<title>Rows of three tables, as the demo loads them</title>",
            f"<style>{STYLE}</style>",
            '<rect width="100%" height="100%" rx="8" fill="#111a27"/>',
            *texts,
            "</svg>\n",
        )
    )


def main() -> None:
    """Query the rows and write the picture."""
    names = ("host", "port", "user", "password")
    credentials = {
        name: os.environ[f"TARGET_POSTGRES_{name.upper()}"] for name in names
    }
    conninfo = make_conninfo(
        **credentials,
        dbname=os.environ["TARGET_POSTGRES_DATABASE"],
        options="-c search_path=tap_genesys -c timezone=UTC",
    )
    with psycopg.connect(conninfo, row_factory=dict_row) as connection:
        call_row = connection.execute(CALL).fetchone()
        if call_row is None:
            message = "there is no such call in the tables: run `make demo` first"
            raise SystemExit(message)
        call = {"call": call_row["conversation_id"]}
        rows = {
            title: connection.execute(sql, call).fetchall()
            for title, sql in TABLES.items()
        }
    PICTURE.write_text(picture_of(rows), encoding="utf-8")
    print(f"{PICTURE}: {sum(map(len, rows.values()))} rows")


if __name__ == "__main__":
    main()
