"""What the controls of a scenario's fields are called."""

from __future__ import annotations

from typing import Final

LABELS: Final = {
    "system": "System",
    "chip": "Chip",
    "chip_count": "Chips",
    "bits": "Precision",
    "density": "Sparsity: multiply-adds done",
    "movement": "Data movement",
    "utilisation": "Utilisation",
    "pue": "Cooling (PUE)",
    "brain_flop_per_s": "Brain FLOP/s",
    "brain_flops_range": "Spread of brain FLOP/s",
    "machine_scope": "Machine metered at",
    "brain_scope": "Brain metered as",
    "workload": "Ledger counts",
    "model": "Language model",
    "engine": "Serving software",
    "batch": "Conversations at once",
    "context_tokens": "Context",
    "execution": "Parallel fit",
    "language_task": "The person is",
    "hidden_tokens": "Hidden tokens per answer token",
    "run": "Training run",
    "copies": "Shared by",
    "events": "Synapses evaluated",
    "channel": "Bit moved by the machine",
    "brain_bit": "Bit of the brain",
}
"""Field of `Scenario` to its name on the pages."""
