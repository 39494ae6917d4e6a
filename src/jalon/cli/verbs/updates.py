"""`jalon updates`: sign packages, keep them, roll them out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from jalon.app.updates import views
from jalon.app.updates.desk import Act, Targets, Wish
from jalon.app.updates.requests import (
    Campaigns,
    new_key,
    open_world,
    read_content,
    read_signed,
    sign_file,
)
from jalon.app.updates.views import CampaignDetail, CampaignShape
from jalon.cli.desk import folder_argument, format_option, require_new, write_key
from jalon.cli.speech import _
from jalon.run.updates.manifest import CHUNK, CHUNK_LEAST, CHUNK_MOST, Component
from jalon.run.updates.spec import STANDARD

_file = click.Path(path_type=Path, dir_okay=False)
_campaign = click.argument("campaign", metavar="ID", type=click.IntRange(1))


@click.group(help=_("Updates of firmware and configuration: keys, packages, campaigns."))
def command() -> None:
    """Everything but signing needs the solution."""


@command.group(help=_("Keys that sign packages."))
def key() -> None:
    """One verb."""


@key.command(help=_("Make a key pair; the private key goes into the file PATH."))
@click.argument("path", metavar="PATH", type=_file)
@click.option("--id", "key_id", default="release", show_default=True, help=_("Id of the key."))
def new(path: Path, key_id: str) -> None:
    """The public key is printed as updates.yaml has it."""
    private, public = new_key()
    write_key(path, private)
    text = _("Keep {path} outside the solution and away from this machine. For updates.yaml:")
    click.echo(text.format(path=path), err=True)
    click.echo(f"keys:\n  - {{id: {key_id}, public: {public}}}")


@command.command(help=_("Sign FILE as a package; the manifest goes to FILE.manifest.json."))
@click.argument("file", metavar="FILE", type=_file)
@click.option("--key", "key_path", type=_file, required=True, help=_("File of the private key."))
@click.option("--key-id", default="release", show_default=True, help=_("Id of the key."))
@click.option("--thing", "things", multiple=True, required=True, help=_("Type of the devices."))
@click.option(
    "--component",
    type=click.Choice([one.value for one in Component]),
    default=Component.FIRMWARE.value,
    show_default=True,
    help=_("What it replaces."),
)
@click.option("--version", required=True, help=_("Its version, such as 1.4.0."))
@click.option("--hardware", multiple=True, help=_("Hardware revision it is for; else for any."))
@click.option("--from", "upgrades", default="", help=_("Versions it may replace: >=1.2.0 <2.0.0."))
@click.option(
    "--chunk",
    type=click.IntRange(CHUNK_LEAST, CHUNK_MOST),
    default=CHUNK,
    show_default=True,
    help=_("Bytes that devices ask for at a time."),
)
@click.option("--description", default="", help=_("What is new in it."))
@click.option("--out", type=_file, help=_("Write the manifest here."))
def sign(file: Path, key_path: Path, key_id: str, out: Path | None, **told: Any) -> None:
    """Needs no solution: it may be done where the key is."""
    told["things"], told["hardware"] = list(told["things"]), list(told["hardware"])
    signed = sign_file(file, key_path, key_id, told)
    target = out or file.with_name(f"{file.name}.manifest.json")
    require_new(target)
    target.write_text(signed.model_dump_json(indent=2) + "\n", "utf-8")
    click.echo(str(target))
    click.echo(_("Package {id}.").format(id=signed.package), err=True)


@command.command(help=_("Verify the package FILE by its MANIFEST and keep it in DIR."))
@folder_argument
@click.argument("manifest", metavar="MANIFEST", type=_file)
@click.argument("file", metavar="FILE", type=_file)
def add(folder: Path, manifest: Path, file: Path) -> None:
    """Signature, digest and size, before anything is kept."""
    with open_world(folder) as (_world, desk):
        row = desk.add(read_signed(manifest), read_content(file), "operator")
    click.echo(row.id)
    text = _("Kept: {component} {version}, {size} bytes.")
    click.echo(text.format(component=row.component, version=row.version, size=row.size), err=True)


@command.command(help=_("Show the packages of DIR."))
@folder_argument
@format_option
def packages(folder: Path, form: str) -> None:
    """The newest first."""
    with open_world(folder) as (world, _desk):
        found = views.packages(world)
    if form == "json":
        click.echo("[" + ",\n".join(one.model_dump_json() for one in found) + "]")
        return
    for one in found:
        click.echo(
            f"{one.id}  {one.component:8} {one.version:12} {one.size:>10}  {' '.join(one.things)}"
        )
    if not found:
        click.echo(_("No package."))


@command.command(help=_("Forget the package ID of DIR."))
@folder_argument
@click.argument("package", metavar="ID")
def drop(folder: Path, package: str) -> None:
    """Refused while a campaign needs it."""
    with open_world(folder) as (_world, desk):
        desk.drop(package)
    click.echo(_("Forgotten."))


def _wished(function: Callable[..., None]) -> Callable[..., None]:
    """The arguments of a campaign."""
    for option in (
        click.option("--downgrade", is_flag=True, help=_("Allow versions that are not newer.")),
        click.option("--title", default="", help=_("What people call the campaign.")),
        click.option(
            "--plan", default=STANDARD, show_default=True, help=_("Plan of the roll-out.")
        ),
        click.option("--query", default="", help=_("Only devices that this search finds.")),
        click.option("--group", default="", help=_("Only devices of this group.")),
        click.option("--device", "devices", multiple=True, help=_("Only this device.")),
        click.argument("package", metavar="PACKAGE"),
        folder_argument,
    ):
        function = option(function)
    return function


def _wish(wished: dict[str, Any]) -> Wish:
    targets = Targets(
        devices=list(wished.pop("devices")),
        group=wished.pop("group"),
        query=wished.pop("query"),
    )
    return Wish(targets=targets, **wished)


@command.command(help=_("Show what a campaign of PACKAGE would do in the running solution DIR."))
@_wished
def preview(folder: Path, **wished: Any) -> None:
    """The devices of each stage, and those passed over."""
    seen = Campaigns(folder).preview(_wish(wished))
    for number, devices in enumerate(seen.stages, 1):
        text = _("Stage {number}: {count}  {devices}")
        names = " ".join(devices[:10]) + (" …" if len(devices) > 10 else "")
        click.echo(text.format(number=number, count=len(devices), devices=names))
    for device, why in seen.unfit.items():
        click.echo(_("Passed over: {device} ({why})").format(device=device, why=why))


@command.command(help=_("Make a campaign of PACKAGE in the running solution DIR."))
@click.option("--start", is_flag=True, help=_("Begin at once."))
@_wished
def create(folder: Path, start: bool, **wished: Any) -> None:
    """Its id, on standard output."""
    running = Campaigns(folder)
    made = running.create(_wish(wished))
    if start:
        made = running.act(made.id, Act.START)
    click.echo(str(made.id))
    click.echo(_line(made), err=True)


@command.command("list", help=_("Show the campaigns of the running solution DIR."))
@folder_argument
def show_all(folder: Path) -> None:
    """One line each, the newest first."""
    found = Campaigns(folder).all()
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo(_("No campaign."))


@command.command(help=_("Show how the campaign ID of DIR goes; --csv gives its report."))
@folder_argument
@_campaign
@click.option("--csv", "as_csv", is_flag=True, help=_("The devices as CSV."))
@format_option
def show(folder: Path, campaign: int, as_csv: bool, form: str) -> None:
    """Its devices and its history."""
    running = Campaigns(folder)
    if as_csv:
        click.echo(running.report_csv(campaign).decode(), nl=False)
        return
    found = running.one(campaign)
    click.echo(found.model_dump_json(indent=2) if form == "json" else "\n".join(_detail(found)))


def _act(act: Act, text: str) -> None:
    """A verb for what a person does with a campaign."""

    @command.command(act.value, help=text)
    @folder_argument
    @_campaign
    def do(folder: Path, campaign: int) -> None:
        click.echo(_line(Campaigns(folder).act(campaign, act)))


_act(Act.START, _("Begin the campaign ID of DIR."))
_act(Act.PAUSE, _("Begin no other device of the campaign ID of DIR."))
_act(Act.RESUME, _("Go on with the campaign ID of DIR."))
_act(Act.ABORT, _("Stop the campaign ID of DIR; what is not being installed is taken back."))
_act(Act.ROLLBACK, _("Bring the devices of the campaign ID of DIR back to what they ran."))


def _line(one: CampaignShape) -> str:
    text = _("{id}  {state}  {title}: {done} of {devices} done, {failed} failed, stage {stage}")
    return text.format(
        id=one.id,
        state=one.state,
        title=one.title,
        done=one.done,
        devices=one.devices,
        failed=one.failed,
        stage=f"{one.stage}/{one.stages}",
    )


def _detail(one: CampaignDetail) -> list[str]:
    lines = [_line(one)]
    for device in one.updates:
        versions = f"{device.before or '?'} → {device.wanted}"
        lines.append(f"  {device.device:24} {device.state:20} {versions}  {device.detail}")
    for step in one.history:
        lines.append(f"  {step.at:%Y-%m-%d %H:%M:%S}  {step.who:12} {step.what} {step.detail}")
    return lines
