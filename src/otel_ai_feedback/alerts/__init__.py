"""Alert rules and their evaluation. Works without Grafana.

``rules`` lists them, ``evaluate`` queries the store, ``state`` keeps how long each series has been
over its threshold, ``check`` does all three. An ``alert`` is the result; ``webhook`` writes it as
Grafana does.
"""
