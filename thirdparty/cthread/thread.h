#include <stdint.h>

// A thread that waits for callbacks to call.
typedef struct cthread cthread;

cthread *cthread_start(void);
void cthread_call(cthread *t, uintptr_t callback);
void cthread_stop(cthread *t);

// In Go.
extern void goCallback(uintptr_t callback);
