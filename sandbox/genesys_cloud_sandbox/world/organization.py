"""The organization that conversations are with: a pure function of a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from genesys_cloud_sandbox.world.identity import uuid

#: The organization's number, which belongs to nobody.
SERVICE_NUMBER = "+18005550100"
_DIVISIONS = ("Home", "Europe", "Americas")
_QUEUES = (
    "Sales", "Orders", "Returns", "Billing", "Collections", "Technical Support",
    "Complaints", "VIP Service", "Kundenservice", "Atención al cliente",
    "サポート", "Back Office",
)  # fmt: skip
_TEAMS = ("Team Aurora", "Team Borealis", "Team Crème", "Team Delta")
_SKILLS = ("Billing", "Networking", "Hardware", "Retention", "Fraud", "Réclamations")
_LANGUAGES = ("English", "Deutsch", "Español", "日本語")
_WRAP_UP_CODES = (
    "Resolved", "Follow-up needed", "Order placed", "Order cancelled",
    "Complaint logged", "Wrong number", "Escalated", "Callback agreed",
    "Rückfrage offen", "No sale",
)  # fmt: skip
_FLOW_NAMES = {
    "INBOUNDCALL": ("Main menu", "After hours"),
    "INQUEUECALL": ("Hold music and offers",),
    "INBOUNDCHAT": ("Chat reception",),
    "INBOUNDEMAIL": ("Mail sorting",),
    "INBOUNDSHORTMESSAGE": ("Message reception",),
    "DIGITALBOT": ("Ask Ada",),
    "BOT": ("Voice bot Ada",),
    "OUTBOUNDCALL": ("Campaign opening",),
    "WORKFLOW": ("Return label",),
    "SURVEYINVITE": ("How did we do?",),
    "VOICESURVEY": ("Stay on the line",),
}
_OUTCOMES = ("Balance told", "Order tracked", "Appointment made", "Identity checked")
#: System presences, the name of the definition of each, and those beneath it.
_PRESENCES = (
    ("AVAILABLE", "Available", "Writing e-mails"),
    ("AWAY", "Away", "Be right back"),
    ("BUSY", "Busy", "Back office", "Rückfrage"),
    ("OFFLINE", "Offline"),
    ("IDLE", "Idle"),
    ("ON_QUEUE", "On Queue", "On Queue (overflow)"),
    ("MEAL", "Meal", "Lunch at desk"),
    ("TRAINING", "Training", "E-learning"),
    ("MEETING", "Meeting", "Coaching", "Team huddle"),
    ("BREAK", "Break", "Café ☕"),
)
_GIVEN = (
    "Amara", "Bjørn", "Chloé", "Dmitri", "Elif", "Fatima", "Göran", "Hana",
    "Inés", "Jürgen", "Kateřina", "Łukasz", "Mei", "Noor", "Oisín", "Priya",
)  # fmt: skip
_FAMILY = (
    "Adeyemi", "Brâncuși", "Castellanos", "D'Angelo", "Eriksen", "Fournier",
    "García", "Hoffmann", "Ivanova", "Jansen", "Kowalski", "Müller",
)  # fmt: skip


@dataclass(frozen=True)
class Named:
    """Anything that has an id and a name."""

    id: str
    name: str


@dataclass(frozen=True)
class Flow(Named):
    """An Architect flow."""

    flow_type: str
    version: str


@dataclass(frozen=True)
class Queue(Named):
    """A queue, with its script and the codes that its agents wrap up with."""

    division_id: str
    script_id: str
    wrap_up_codes: tuple[Named, ...]
    agents: tuple[Agent, ...]
    #: Milliseconds in which to answer.
    service_target: int


@dataclass(frozen=True)
class Agent(Named):
    """A user who answers."""

    division_id: str
    team_id: str
    skill_ids: tuple[str, ...]
    language_id: str
    address: str


@dataclass(frozen=True)
class Form(Named):
    """A published evaluation or survey form."""

    context_id: str


@dataclass(frozen=True)
class Campaign(Named):
    """An outbound dialling campaign."""

    contact_list_id: str
    queue: Queue


@dataclass(frozen=True)
class PresenceDefinition(Named):
    """A presence of the organization, which stands for a system presence."""

    #: In the form of the Analytics API: ON_QUEUE.
    system_presence: str
    #: Whether it is the system presence's own, and not one beneath it.
    primary: bool


@dataclass(frozen=True)
class Organization:
    """Everything that conversations refer to."""

    id: str
    name: str
    divisions: tuple[Named, ...]
    teams: tuple[Named, ...]
    skills: tuple[Named, ...]
    languages: tuple[Named, ...]
    groups: tuple[Named, ...]
    wrap_up_codes: tuple[Named, ...]
    agents: tuple[Agent, ...]
    queues: tuple[Queue, ...]
    flows: dict[str, tuple[Flow, ...]]
    flow_outcomes: tuple[Named, ...]
    evaluation_forms: tuple[Form, ...]
    survey_forms: tuple[Form, ...]
    campaigns: tuple[Campaign, ...]
    knowledge_bases: tuple[Named, ...]
    edges: tuple[Named, ...]


def organization(seed: int) -> Organization:
    """Return the organization of a seed."""
    rng = Random(f"organization {seed}")

    def named(*names: str) -> tuple[Named, ...]:
        return tuple(Named(uuid(rng), name) for name in names)

    def forms(*names: str) -> tuple[Form, ...]:
        return tuple(Form(uuid(rng), name, uuid(rng)) for name in names)

    def agent(number: int) -> Agent:
        name = full_name(rng)
        return Agent(
            id=uuid(rng),
            name=name,
            division_id=rng.choice(divisions).id,
            team_id=rng.choice(teams).id,
            skill_ids=tuple(skill.id for skill in rng.sample(skills, 2)),
            language_id=rng.choice(languages).id,
            address=f"agent{number}@sandbox.example",
        )

    def queue(name: str) -> Queue:
        return Queue(
            id=uuid(rng),
            name=name,
            division_id=rng.choice(divisions).id,
            script_id=uuid(rng),
            wrap_up_codes=tuple(rng.sample(codes, 6)),
            agents=tuple(rng.sample(agents, 10)),
            service_target=rng.choice((20_000, 30_000, 60_000)),
        )

    identifier = uuid(rng)
    divisions, teams, skills = named(*_DIVISIONS), named(*_TEAMS), named(*_SKILLS)
    languages, codes = named(*_LANGUAGES), named(*_WRAP_UP_CODES)
    agents = tuple(agent(number) for number in range(60))
    queues = tuple(queue(name) for name in _QUEUES)
    return Organization(
        id=identifier,
        name="Sandbox Ltd",
        divisions=divisions,
        teams=teams,
        skills=skills,
        languages=languages,
        groups=named("Night shift", "Back office"),
        wrap_up_codes=codes,
        agents=agents,
        queues=queues,
        flows={
            flow_type: tuple(
                Flow(uuid(rng), name, flow_type, f"{rng.randint(1, 40)}.0")
                for name in names
            )
            for flow_type, names in _FLOW_NAMES.items()
        },
        flow_outcomes=named(*_OUTCOMES),
        evaluation_forms=forms("Call quality", "Written quality"),
        survey_forms=forms("After the call", "After the message"),
        campaigns=tuple(
            Campaign(uuid(rng), name, uuid(rng), rng.choice(queues))
            for name in ("Renewals", "Appointment reminders")
        ),
        knowledge_bases=named("Product questions"),
        edges=named("Edge 1", "Edge 2"),
    )


@lru_cache(maxsize=8)
def presence_definitions(seed: int) -> tuple[PresenceDefinition, ...]:
    """Return the presence definitions, the primary ones before theirs."""
    rng = Random(f"presences {seed}")
    return tuple(
        PresenceDefinition(uuid(rng), name, system_presence, primary=name is names[0])
        for system_presence, *names in _PRESENCES
        for name in names
    )


@lru_cache(maxsize=8)
def presences_by_system(seed: int) -> dict[str, tuple[str, ...]]:
    """Return the ids of each system presence's definitions, the primary one first."""
    found: dict[str, tuple[str, ...]] = {}
    for definition in presence_definitions(seed):
        known = found.get(definition.system_presence, ())
        found[definition.system_presence] = (*known, definition.id)
    return found


def full_name(rng: Random) -> str:
    """Return the name of a person."""
    return f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"
