package wire_test

import (
	"fmt"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

type buyer struct{ Name, Country string }

var (
	shop   = contextvars.New[string]("shop", wire.Travels(wire.AllHops))
	trace  = contextvars.New[bool]("trace", wire.Travels(wire.OneHop))
	client = contextvars.New[buyer]("buyer", wire.Travels(wire.AllHops, wire.Encoding(wire.JSON[buyer]())))
	price  = contextvars.New[int]("price", wire.Travels(wire.Back))
)

// A message takes variables along, and its reply takes one back.
func Example() {
	prices := wire.NewPeer("prices", wire.Send(shop, client), wire.Accept(price))
	shops := wire.NewPeer("shops", wire.Accept(shop, client), wire.Send(price))

	// The process that asks.
	shop.With("north", func() {
		defer client.Set(buyer{"Ada", "UK"}).Restore()
		message, answer := wire.Map{}, wire.Map{}
		prices.Inject(message)
		fmt.Println(message[wire.Key])

		// The process that answers.
		contextvars.Detach(func() {
			shops.Extract(message).Run(func() {
				fmt.Println(shop.Get(), client.Get().Country)
				price.Set(42)
				shops.InjectReply(answer)
			})
		})

		prices.ExtractReply(answer)
		fmt.Println(price.Get())
		price.Unset()
	})
	// Output:
	// shop=north,buyer=%7B%22Name%22:%22Ada%22%2C%22Country%22:%22UK%22%7D
	// north UK
	// 42
}

// What comes from the public side is not taken, and what is not for others does not go there.
func ExamplePeer() {
	hostile := wire.Map{wire.Key: "shop=somebody-elses,trace=true"}
	var public *wire.Peer // closed
	public.Extract(hostile).Run(func() {
		_, ok := shop.Lookup()
		fmt.Println("the public set a shop:", ok)
	})

	gateway := wire.NewPeer("gateway", wire.Accept(shop))
	gateway.Extract(hostile).Run(func() {
		_, traced := trace.Lookup()
		fmt.Println("the gateway set", shop.Get(), "and traces:", traced)
	})
	// Output:
	// the public set a shop: false
	// the gateway set somebody-elses and traces: false
}

// hex is a codec of one's own.
type hex struct{}

func (hex) Encode(n uint32) (string, error) { return fmt.Sprintf("%x", n), nil }

func (hex) Decode(text string) (n uint32, err error) {
	_, err = fmt.Sscanf(text, "%x", &n)
	return n, err
}

var color = contextvars.New[uint32]("color", wire.Travels(wire.AllHops, wire.Encoding(hex{}), wire.MaxValueBytes(8)))

func ExampleEncoding() {
	color.With(0xff8800, func() {
		message := wire.Map{}
		wire.Trusted().Inject(message)
		fmt.Println(message[wire.Key])
	})
	// Output: color=ff8800
}

// Reports can be counted instead of logged.
func ExampleReportTo() {
	gateway := wire.NewPeer("gateway", wire.Accept(color), wire.ReportTo(func(r wire.Report) { fmt.Println(r) }))
	gateway.Extract(wire.Map{wire.Key: "color=red,color"})
	// Output:
	// baggage "color" from peer "gateway" was dropped: wire: codec failed: expected integer
	// baggage "color" from peer "gateway" was dropped: wire: malformed baggage
}
