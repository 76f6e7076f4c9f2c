package asyncio_test

import (
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

var requestID = contextvars.New[string]("request_id")

// What the README shows.
func Example() {
	total, err := asyncio.Run(func() (int, error) {
		var tasks []*asyncio.Task[int]
		for i := range 8 {
			tasks = append(tasks, asyncio.CreateTask(func() (int, error) {
				defer requestID.Set(fmt.Sprint("r-", i)).Restore() // seen by this task alone
				return i, asyncio.Sleep(time.Millisecond)
			}))
		}
		numbers, err := asyncio.Gather(tasks...)
		return len(numbers), err
	})
	fmt.Println(total, err)
	// Output: 8 <nil>
}
