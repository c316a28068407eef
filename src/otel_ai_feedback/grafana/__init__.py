"""Dashboards and alert rules as code, and what evaluates and draws them without Grafana.

Every statement of a panel or rule is a file under ``sql/``, in the dialect of Grafana's ClickHouse
data source: ``macros`` expands it as the data source does, so that Grafana, ``check``, the charts
of ``serve`` and the tests ask the same question.
"""
