"""Model members: local models behind OpenAI-compatible servers, asked with prompts that are data.

Loaded only where a model member is configured.
"""

from paceline.team.exchange import Answer, Exchange, Message, Usage
from paceline.team.models.member import ModelMember, model_team
from paceline.team.models.presets import configured, presets

__all__ = [
    "Answer",
    "Exchange",
    "Message",
    "ModelMember",
    "Usage",
    "configured",
    "model_team",
    "presets",
]
