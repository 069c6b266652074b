"""Kaikan (会館): public facilities of many municipalities, booked once and never twice."""
