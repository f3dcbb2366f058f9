"""Reads a mapping set with the library of SSSOM, checks and rewrites it, and prints what it found as JSON.

Run by the Python of an environment that has this library and nothing of ours.
"""

import io
import json
import sys

from sssom.parsers import parse_sssom_table
from sssom.validators import validate
from sssom.writers import write_table

found = parse_sssom_table(sys.argv[1])
reports = validate(found, fail_on_error=False)
again = io.StringIO()
write_table(found, again)
again.seek(0)
columns = [
    name for name in ("subject_id", "predicate_id", "object_id", "mapping_justification") if name in found.df
]
second = parse_sssom_table(again)
sys.stdout.write(
    json.dumps(
        {
            "rows": found.df[columns].to_dict("records"),
            "same": found.df[columns].equals(second.df[columns]),
            "metadata": {name: str(value) for name, value in found.metadata.items()},
            "prefixes": dict(found.prefix_map),
            "faults": [str(each) for report in reports.values() for each in report.results],
        }
    )
)
