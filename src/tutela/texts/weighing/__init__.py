"""What is seen of an amount of money, weighed by what was learned from labelled texts.

`odds`: whether it is a price to be had. `about`, `counts`, `durations`: what it buys, how many, for how long, against
what rules say. The weights are tables that can be read (`*.tsv`); `bench/offer_odds.py` fits them.
"""
