"""``tutela key``."""

import click

from tutela.cli.output import answer
from tutela.cli.settings import TEXT, Settings, shared_options


@click.group("key")
@shared_options
def command(settings: Settings) -> None:
    """Look after the keys of the service: who may call it, and for what."""


@command.command("create")
@click.argument("label", type=TEXT)
@click.option("--role", required=True, type=click.Choice(["intake", "match", "operator"]), help="What the key is for.")
@click.option(
    "--group", "groups", type=TEXT, multiple=True, metavar="NAME", help="Cover this group alone. Default: all groups."
)
@click.option("--per-minute", type=click.IntRange(1), help="Calls a minute. Default: as `tutela serve` says.")
@shared_options
def create(settings: Settings, label: str, role: str, groups: tuple[str, ...], per_minute: int | None) -> None:
    """Make a key; LABEL tells people whose it is. The key is shown once."""
    from tutela.access import Keys, Role

    with settings.open_bank(create=True) as bank:
        scope = [bank.groups.named(name).id for name in groups] if groups else None
        made = Keys(bank.store).create(label, Role(role), groups=scope, per_minute=per_minute)
    line = {"id": made.key.id, "key": made.token, "role": role, "groups": list(groups) or None}
    answer(settings, line, made.token, "Write it down: the key is shown only now, and nobody can look it up.")


@command.command("list")
@shared_options
def list_command(settings: Settings) -> None:
    """List the keys, without their secrets."""
    from tutela.access import Keys

    with settings.open_bank() as bank:
        names = {group.id: group.name for group in bank.groups.all()}
        for key in Keys(bank.store).all():
            groups = None if key.groups is None else sorted(names.get(group, "?") for group in key.groups)
            line = {
                "id": key.id,
                "label": key.label,
                "role": key.role.value,
                "groups": groups,
                "per_minute": key.per_minute,
                "created": key.created_at.isoformat(),
                "used": key.used_on.isoformat() if key.used_on else None,
                "revoked": key.revoked_at.isoformat() if key.revoked_at else None,
            }
            covers = "all groups" if groups is None else ", ".join(groups)
            state = "revoked" if key.revoked_at else f"last used {key.used_on}" if key.used_on else "never used"
            answer(settings, line, f"{key.id}  {key.role.value}, {covers}, {state}: {key.label}")


@command.command("revoke")
@click.argument("identifier", type=TEXT, metavar="ID")
@shared_options
def revoke(settings: Settings, identifier: str) -> None:
    """End a key. A running service refuses it within a second."""
    from tutela.access import Keys

    with settings.open_bank() as bank:
        Keys(bank.store).revoke(identifier)
    answer(settings, {"id": identifier, "revoked": True}, "The key is revoked.")
