"""`jalon schema`: JSON Schemas of the files, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from jalon.app.schemas import KINDS, kind, reference, schema
from jalon.cli.speech import _


@click.command(
    "schema",
    help=_(
        "Print the JSON Schema NAME ({names}), or write all of them into a folder for your editor."
    ).format(names=", ".join(one.name for one in KINDS)),
)
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), help=_("Write files to DIR.")
)
@click.option("--markdown", is_flag=True, help=_("Print the reference of every key instead."))
def command(name: str | None, out: Path | None, markdown: bool) -> None:
    """One schema or all, to the terminal or to files."""
    if markdown:
        click.echo(reference(), nl=False)
        return
    kinds = [kind(name)] if name else list(KINDS)
    if out is None:
        made = {one.name: schema(one) for one in kinds}
        click.echo(_json(made[name] if name else made))
        return
    out.mkdir(parents=True, exist_ok=True)
    for one in kinds:
        path = out / f"{one.name}.schema.json"
        path.write_text(_json(schema(one)) + "\n", encoding="utf-8")
        click.echo(_("Wrote {file}, for {pattern}.").format(file=path, pattern=one.pattern))


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
