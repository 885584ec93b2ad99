"""Parties: who trades here, who may act for whom, and where they are.

Owns people, organisations with their roles and verification, memberships with spending limits, sites, bank accounts and
notifications. Promises that nobody acts for an organisation without a membership. Never decides what is bought or sold.
"""
