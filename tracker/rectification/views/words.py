"""How pages call a state: in 简易模式 a task that has not been issued is 待整改."""

from flask_login import current_user

from tracker.rectification.rules.words import TaskState, state_word
from tracker.rectification.views import bp


@bp.app_template_filter("state_word")
def shown_state(state: TaskState) -> str:
    """Return the word for a state in the reader's mode."""
    simple = current_user.is_authenticated and current_user.actor.simple_mode
    return state_word(state, is_simple=bool(simple))
