"""Dashboards and provisioning for Grafana as code, and the same charts without Grafana.

Every statement of a panel is a file under ``sql/``, in the dialect of Grafana's ClickHouse data
source: ``alerts.macros`` expands it as the data source does, so that Grafana, the charts of
``serve`` and the tests ask the same question.
"""
