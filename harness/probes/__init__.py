"""Instruments that measure and never judge."""
