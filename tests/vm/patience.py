# SPDX-License-Identifier: Apache-2.0
"""Limits of time are written for a machine at rest. How much longer this one takes is seen in how long the guest took to boot, and every
wait for something to happen is as many times longer: a claim that something comes at all does not fail because other work is on
the machine. What measures a time does not use it."""

AT_REST = 6.0  # seconds of a boot, and some air
MOST = 5.0

_factor = [1.0]


def booted(seconds):
    _factor[0] = min(max(seconds / AT_REST, 1.0), MOST)


def patience(seconds):
    return seconds * _factor[0]
