"""All seeded bugs, floor by floor."""

from tests.mutants import doors, engines, listening, people, proof, rules, scopes, tokens, turns

MUTANTS = (
    *rules.MUTANTS,
    *listening.MUTANTS,
    *turns.MUTANTS,
    *engines.MUTANTS,
    *scopes.MUTANTS,
    *people.MUTANTS,
    *proof.MUTANTS,
    *doors.MUTANTS,
    *tokens.MUTANTS,
)
