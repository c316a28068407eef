"""Alert rules: what each asks, when it fires, and since when. Works without Grafana.

``rules`` lists them, ``evaluate`` asks the store, ``state`` remembers since when each series is
over its threshold, ``check`` does all three; ``webhook`` writes alerts as Grafana sends them.
"""
