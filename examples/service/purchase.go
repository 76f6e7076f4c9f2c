package main

import (
	"context"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

var (
	article  = contextvars.New[string]("article")
	supplier = contextvars.New[string]("supplier")
)

var (
	articles  = []string{"paper", "ink", "string", "tape"}
	suppliers = []string{"north", "south", "overseas"}
)

// purchase runs an event loop that buys one article after another. Its tasks wait for one another, each with
// variables of its own.
func (s *showcase) purchase() {
	// The only error is that of the wait which ctx ends.
	_, _ = asyncio.Run(func() (struct{}, error) {
		closing := asyncio.NewEvent()
		defer context.AfterFunc(s.ctx, closing.Set)()
		asyncio.Go(buyAll, asyncio.WithName("purchasing"))
		return struct{}{}, closing.Wait() // Run cancels the tasks that are left
	})
}

func buyAll() error {
	for i := 0; ; i++ {
		if err := buy(articles[i%len(articles)]); err != nil {
			return err
		}
	}
}

func buy(name string) error {
	defer article.Set(name).Restore()
	offers := asyncio.Go(askAll, asyncio.WithName("offers for "+name))
	delivery := asyncio.Go(func() error { return deliver(offers) }, asyncio.WithName("delivery of "+name))
	payment := asyncio.Go(func() error { return pay(delivery) }, asyncio.WithName("payment of "+name))
	_, err := asyncio.Gather(delivery, payment)
	return err
}

// askAll asks all suppliers at once, who take one to three seconds to answer.
func askAll() error {
	return asyncio.TaskGroup(func(g *asyncio.Group) error {
		for i, name := range suppliers {
			g.Go(func() error {
				supplier.Set(name)
				return asyncio.Sleep(time.Duration(i+1) * time.Second)
			}, asyncio.WithName("ask "+name))
		}
		return nil
	})
}

func deliver(offers *asyncio.Task[struct{}]) error {
	if _, err := offers.Await(); err != nil {
		return err
	}
	return asyncio.Sleep(2 * time.Second)
}

// pay does not wait for the goods for ever, nor does it take them back if they are late.
func pay(delivery *asyncio.Task[struct{}]) error {
	return asyncio.Timeout(time.Minute, func() error {
		_, err := asyncio.Shield(delivery)
		return err
	})
}
