/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What is drawn by a seed: streams that do not disturb each other, so that one terminal more changes no
 * other. */
#include "std.h"

struct Draw {
	uint64_t state;
};

/* The stream of a seed, a name and a number. */
struct Draw draw_stream(uint64_t seed, const char *name, uint64_t number);

uint64_t draw_bits(struct Draw *d);
/* 0 to below - 1; 0 for 0. */
unsigned int draw_below(struct Draw *d, unsigned int below);
/* low to high, both included. */
int draw_between(struct Draw *d, int low, int high);
/* The same, mostly in the middle. */
int draw_bell(struct Draw *d, int low, int high);
/* From 1 on: the mean is about `mean`, large ones are rare, none is above 8 times that. */
int draw_count(struct Draw *d, int mean);
bool draw_chance(struct Draw *d, unsigned int per_mille);
/* Bytes that as hex never hold twelve decimal digits in a row: nobody is to find a personal number in them.
 */
void draw_bytes(struct Draw *d, void *ret, size_t n);
