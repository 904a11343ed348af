"""Energy of artificial and biological computing, compared.

Facts with their sources (`efficiency.facts`, `efficiency.units`) and the functions that turn them into an energy
ledger and into the distance, in orders of magnitude, between AI hardware and the twenty watts of the human brain.
Nothing here knows about screens.
"""

__version__ = "0.1.0"
