"""Municipalities (自治体): who shares the service, and what holds for all their facilities.

policy  the knobs that belong to the whole municipality
models  the tables
queries path or host to municipality
"""
