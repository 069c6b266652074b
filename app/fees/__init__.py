"""Fees (使用料・利用料金): facts and a tariff -> a quote whose lines add up, or a question.

policy  a tariff as a versioned document
rules   quote(): the fee, line by line, with where it is written   ← start here
"""
