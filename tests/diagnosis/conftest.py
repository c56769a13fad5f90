"""The demonstration with a row of every kind, as the walk through every route has it."""

from tests.test_routes import filled as filled
from tests.test_routes import house as house
