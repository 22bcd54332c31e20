/*
 * Work in order: filled by one, worked on by many, finished in order.
 *
 * Every thread does the same: fill the next batch under one lock, work on it
 * without, and finish under another every batch whose turn has come.  No thread
 * waits for another unless all slots are taken by work that cannot be finished
 * yet.  A slot is a small state machine: free, taken, done, free again.
 *
 * The first failure, in the order of the batches, ends the run: what came
 * before it is finished, nothing behind it is.
 */
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 256, MOST_SLOTS = 2 * MOST_THREADS };

typedef enum slot_state { FREE, TAKEN, DONE } slot_state;

typedef struct run {
	const vg_pipeline *pipeline;
	pthread_mutex_t filling, lock;
	pthread_cond_t changed;
	uint8_t states[MOST_SLOTS];
	vigil_status results[MOST_SLOTS]; /* of work */
	vigil_error *errors;              /* one a slot */
	uint64_t filled, finished;        /* batches so far; batch n lies in slot n % slots */
	bool ended, finishing, failed;
	vigil_status status;
	vigil_error error;
} run;

typedef struct thread {
	run *run;
	unsigned number;
	pthread_t handle;
} thread;

static void keep_failure(run *self, vigil_status status, const vigil_error *error)
{
	if (self->failed)
		return;
	self->failed = self->ended = true;
	self->status = status;
	self->error = *error;
}

/* Takes the next batch; false when there is none left to work on. */
static bool take(run *self, unsigned *ret_slot)
{
	const vg_pipeline *pipeline = self->pipeline;
	vigil_error error = VIGIL_ERROR_INIT;
	bool any = false;
	pthread_mutex_lock(&self->filling);
	pthread_mutex_lock(&self->lock);
	unsigned slot = (unsigned)(self->filled % pipeline->slots);
	while (!self->ended && self->states[slot] != FREE)
		pthread_cond_wait(&self->changed, &self->lock);
	bool ended = self->ended;
	pthread_mutex_unlock(&self->lock);
	vigil_status status = ended ? VIGIL_OK : pipeline->fill(pipeline->user, slot, &any, &error);
	pthread_mutex_lock(&self->lock);
	if (status != VIGIL_OK) { /* a batch that failed already: its turn comes behind what was filled before it */
		self->states[slot] = DONE;
		self->results[slot] = status;
		self->errors[slot] = error;
		self->filled++;
		any = false;
	} else if (any) {
		self->states[slot] = TAKEN;
		self->filled++;
	}
	if (!any)
		self->ended = true;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	pthread_mutex_unlock(&self->filling);
	*ret_slot = slot;
	return any;
}

/* Finishes every batch whose turn has come; one thread at a time. Called with the lock held. */
static void finish_ready(run *self)
{
	const vg_pipeline *pipeline = self->pipeline;
	if (self->finishing)
		return;
	self->finishing = true;
	while (!self->failed && self->finished < self->filled) {
		unsigned slot = (unsigned)(self->finished % pipeline->slots);
		if (self->states[slot] != DONE)
			break;
		if (self->results[slot] != VIGIL_OK) {
			keep_failure(self, self->results[slot], &self->errors[slot]);
			break;
		}
		pthread_mutex_unlock(&self->lock);
		vigil_error error = VIGIL_ERROR_INIT;
		vigil_status status = pipeline->finish(pipeline->user, slot, &error);
		pthread_mutex_lock(&self->lock);
		self->states[slot] = FREE;
		self->finished++;
		if (status != VIGIL_OK)
			keep_failure(self, status, &error);
		pthread_cond_broadcast(&self->changed);
	}
	self->finishing = false;
	pthread_cond_broadcast(&self->changed);
}

static void *labour(void *user)
{
	thread *self = user;
	run *all = self->run;
	unsigned slot;
	while (take(all, &slot)) {
		vigil_error error = VIGIL_ERROR_INIT;
		vigil_status status = all->pipeline->work(all->pipeline->user, self->number, slot, &error);
		pthread_mutex_lock(&all->lock);
		all->results[slot] = status;
		all->errors[slot] = error;
		all->states[slot] = DONE;
		if (status != VIGIL_OK)
			all->ended = true; /* nothing behind it is needed */
		finish_ready(all);
		pthread_mutex_unlock(&all->lock);
	}
	return NULL;
}

vigil_status vg_pipeline_run(const vg_pipeline *pipeline, vigil_error *err)
{
	unsigned count = pipeline->threads ? pipeline->threads : 1, started = 1;
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	run *self = vg_alloc(&arena, sizeof *self);
	thread *threads = vg_alloc_array(&arena, count, sizeof *threads);
	vigil_error *errors = vg_alloc_array(&arena, pipeline->slots, sizeof *errors);
	if (count > MOST_THREADS || pipeline->slots > MOST_SLOTS || pipeline->slots < count || !self || !threads || !errors) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	self->pipeline = pipeline;
	self->errors = errors;
	pthread_mutex_init(&self->filling, NULL);
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	for (unsigned i = 0; i < count; i++)
		threads[i] = (thread){.run = self, .number = i};
	/* A thread that cannot be started is one fewer: the others do its work. */
	while (started < count && pthread_create(&threads[started].handle, NULL, labour, &threads[started]) == 0)
		started++;
	labour(&threads[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(threads[i].handle, NULL);
	pthread_mutex_lock(&self->lock);
	finish_ready(self); /* a failure to fill that nobody worked on */
	pthread_mutex_unlock(&self->lock);
	vigil_status status = self->status;
	if (self->failed && err) {
		size_t size = err->size;
		*err = self->error;
		err->size = size;
	}
	pthread_cond_destroy(&self->changed);
	pthread_mutex_destroy(&self->lock);
	pthread_mutex_destroy(&self->filling);
	vg_arena_free(&arena);
	return status;
}
