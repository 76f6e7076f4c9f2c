//go:build cgo && unix

#include <pthread.h>
#include <stdlib.h>

#include "thread.h"

struct cthread {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uintptr_t callback; // 0: none
	int stopping;
};

static void *run(void *arg) {
	cthread *t = arg;
	pthread_mutex_lock(&t->lock);
	for (;;) {
		while (t->callback == 0 && !t->stopping)
			pthread_cond_wait(&t->changed, &t->lock);
		if (t->callback == 0)
			break;
		pthread_mutex_unlock(&t->lock);
		goCallback(t->callback);
		pthread_mutex_lock(&t->lock);
		t->callback = 0;
		pthread_cond_broadcast(&t->changed);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

cthread *cthread_start(void) {
	cthread *t = calloc(1, sizeof *t);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	if (pthread_create(&t->thread, NULL, run, t) != 0)
		abort();
	return t;
}

void cthread_call(cthread *t, uintptr_t callback) {
	pthread_mutex_lock(&t->lock);
	t->callback = callback;
	pthread_cond_broadcast(&t->changed);
	while (t->callback != 0)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

void cthread_stop(cthread *t) {
	pthread_mutex_lock(&t->lock);
	t->stopping = 1;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
