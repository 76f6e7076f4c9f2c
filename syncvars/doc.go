// Package syncvars has sync.Once, sync.OnceFunc and its like, and a singleflight.Group
// for programs with context variables. The work that they do is done once for many
// callers, so it can see the context of one only; with those of the standard library and
// of golang.org/x/sync that is whoever comes first, and what the work starts holds that
// caller's values for good. Here the work sees an empty context, for all alike.
//
//	var config = syncvars.OnceValue(loadConfig) // in no request's context
//
//	var users syncvars.Group[int, *User]
//	u, err, _ := users.Do(id, func() (*User, error) { return load(id) })
//
// # What the result depends on belongs in the key
//
// The mistake to fear is work that reads a variable of its caller's, say the tenant, and
// whose result other callers share: they get the data of another tenant. In an empty
// context that work finds no tenant for anybody, which the first test shows. The repair
// is to say what the result depends on:
//
//	var users = syncvars.NewGroup[int, *User](syncvars.With(tenant))
//
// [With] does two things, and they cannot be had apart: the work sees the variable, and the
// variable's value is part of the key, so that only callers with equal values share a
// call. Keep to that in what is yours, too: a cache behind the Group needs the tenant in its
// keys, and a OnceValue, which has no key, can depend on no variable at all.
//
// # What is not done
//
// A context.Context that the function has captured is still the first caller's: if its
// cancellation is not to fail the others, too, capture context.WithoutCancel(ctx). A
// variable with the option contextvars.Local, such as the transaction of package sqlvars, is
// not seen by the work, not even by With: who comes second would have a share in it.
package syncvars
