"""Parquet files for a data warehouse: answers, actions, evaluations and labels, by day.

No text and no names of people; the columns are in one list, which is also the docs' table.
"""
