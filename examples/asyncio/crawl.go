package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// The page that a fetcher is at. Whatever it calls knows them, and so does the thread that fetches.
var (
	pageURL   = contextvars.New[string]("url")
	pageDepth = contextvars.NewDefault("depth", -1)
)

// A crawler has fetchers, which take links from one queue and produce pages for another, and an indexer,
// which consumes these. They share its fields, and need no lock for that.
type crawler struct {
	*show
	site     *site
	links    *asyncio.Queue[link]
	pages    *asyncio.Queue[page]
	seen     map[string]bool
	timedOut map[string]int
	index    map[string]int // each page's depth
}

type link struct {
	path  string
	depth int
}

// A page brings its context along. The indexer has one of its own: values do not travel through
// a queue.
type page struct {
	title   string
	links   []string
	context *contextvars.Context
}

func crawl(s *show) error {
	site, err := startSite(s.sizes.pages, s.sizes.workers)
	if err != nil {
		return err
	}
	defer site.stop()
	c := &crawler{
		show: s, site: site,
		links:    asyncio.NewQueue[link](0),
		pages:    asyncio.NewQueue[page](4), // no more than that are kept for the indexer
		seen:     make(map[string]bool),
		timedOut: make(map[string]int),
		index:    make(map[string]int),
	}
	if err := asyncio.Timeout(time.Minute, func() error { return asyncio.TaskGroup(c.run) }); err != nil {
		return err
	}
	s.say("%s pages, fetched by %d fetchers on threads, up to %d links deep", thousands(len(c.index)),
		s.sizes.workers, depthOf(s.sizes.pages-1))
	s.say("%d of them only at a second attempt, after a timeout", len(c.timedOut))
	c.checkIndex()
	return nil
}

// run is the body of the task group: it ends when its tasks have, or one of them has failed.
func (c *crawler) run(g *asyncio.Group) error {
	own := c.own()
	for i := range c.sizes.workers {
		g.Go(c.fetcher, append(own, asyncio.WithName(fmt.Sprint("fetcher ", i)))...)
	}
	g.Go(c.indexer, asyncio.WithName("indexer"))
	if err := c.found(link{path(0), 0}); err != nil {
		return err
	}
	// Until everything that was found is fetched, and everything that was fetched is indexed.
	if err := c.links.Join(); err != nil {
		return err
	}
	c.links.Shutdown(false)
	if err := c.pages.Join(); err != nil {
		return err
	}
	c.pages.Shutdown(false)
	return nil
}

// found puts a link into the queue, the first time it is found.
func (c *crawler) found(l link) error {
	if c.seen[l.path] {
		return nil
	}
	c.seen[l.path] = true
	return c.links.Put(l)
}

func (c *crawler) fetcher() error {
	return each(c.links, func(l link) error {
		defer pageURL.Set(c.site.url + l.path).Restore()
		defer pageDepth.Set(l.depth).Restore()
		return c.visit(l)
	})
}

// visit is at the page that the variables say, which is that of l.
func (c *crawler) visit(l link) error {
	p, err := c.fetch()
	if err != nil {
		return err
	}
	check(c.show, "crawl: the url after fetching", pageURL.Get(), c.site.url+l.path)
	for _, path := range p.links {
		if err := c.found(link{path, pageDepth.Get() + 1}); err != nil {
			return err
		}
	}
	check(c.show, "crawl: the depth of "+l.path, pageDepth.Get(), l.depth)
	return c.pages.Put(p)
}

// fetch fetches the page, with more patience each time it has to try again.
func (c *crawler) fetch() (page, error) {
	for patience := c.sizes.patience; ; patience *= 2 {
		p, err := asyncio.WaitFor(asyncio.CreateTask(c.attempt), patience)
		if !errors.Is(err, asyncio.ErrTimeout) {
			return p, err
		}
		c.timedOut[pageURL.Get()]++
	}
}

// attempt is a task of its own, in a copy of the fetcher's context. WaitFor cancels it when it takes too
// long, and by that the request, which has the task's Context.
func (c *crawler) attempt() (page, error) {
	ctx := asyncio.Context()
	return asyncio.ToThread(func() (page, error) {
		title, links, err := c.site.fetch(ctx, pageURL.Get())
		return page{title, links, contextvars.CopyContext()}, err
	})
}

func (c *crawler) indexer() error {
	return each(c.pages, func(p page) error {
		check(c.show, "crawl: the indexer's own url", pageURL.Get(), "")
		url, _ := pageURL.In(p.context)
		depth, _ := pageDepth.In(p.context)
		path := strings.TrimPrefix(url, c.site.url)
		check(c.show, "crawl: the title of "+path, p.title, "Page "+strings.TrimPrefix(path, "/"))
		c.index[path] = depth
		return nil
	})
}

// each calls do for what is in the queue, until that is shut down.
func each[T any](q *asyncio.Queue[T], do func(T) error) error {
	for {
		item, err := q.Get()
		if errors.Is(err, asyncio.ErrQueueShutDown) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(item); err != nil {
			return err
		}
		q.TaskDone()
	}
}

// checkIndex checks that each page was indexed, at its depth, and that those which were slow timed out.
func (c *crawler) checkIndex() {
	check(c.show, "crawl: the number of pages", len(c.index), c.sizes.pages)
	for n := range c.sizes.pages {
		depth, ok := c.index[path(n)]
		if !ok {
			depth = -1
		}
		check(c.show, "crawl: the depth of "+path(n)+" in the index", depth, depthOf(n))
		if slow(n) {
			check(c.show, "crawl: "+path(n)+" timed out", c.timedOut[c.site.url+path(n)] > 0, true)
		}
	}
}
