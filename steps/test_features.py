"""Binds every scenario of every feature to a test."""

from pytest_bdd import scenarios

scenarios("../features")
