package grpcvars_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/metadata"

	"github.com/gocontextvars/contextvars/wire"
)

// reporting is an open peer whose reports go to a channel.
func reporting() (*wire.Peer, chan wire.Report) {
	reports := make(chan wire.Report, 100)
	return wire.NewPeer("hostile", wire.Everything(), wire.ReportTo(func(r wire.Report) { reports <- r })), reports
}

func TestBaggageThatIsTooLong(t *testing.T) {
	for name, text := range map[string]string{
		"bytes":   "who=" + strings.Repeat("x", 1<<20),
		"members": strings.Repeat("who=x,", wire.MaxMembers+1),
	} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				saw, see := seen()
				peer, reports := reporting()
				c, _ := dial(t, serve(t, see, accepting(peer)...))
				_, err := call(metadata.AppendToOutgoingContext(t.Context(), "baggage", text), c, "")
				noError(t, err)
				want(t, "the handler sees", <-saw, "nothing")
				if r := <-reports; !errors.Is(r.Err, wire.ErrTooLarge) {
					t.Errorf("report: %v", r)
				}
			})
		})
	}
}

func TestReplyThatIsTooLong(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		long := strings.Repeat("x", wire.DefaultMaxBytes+1)
		peer, reports := reporting()
		c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
			answer.Set(long)
			return "", nil
		}, accepting(peer)...), sending(open)...)
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the caller sees", answer.GetOr("nothing"), "nothing")
		if r := <-reports; !errors.Is(r.Err, wire.ErrTooLarge) || !r.Reply {
			t.Errorf("report: %v", r)
		}
	})
}

// rawCall makes a unary call with headers that no client of gRPC's would send, and returns
// the status that the server answers with: "0" for success, or "reset".
func rawCall(t *testing.T, address string, headers ...hpack.HeaderField) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	noError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte(http2.ClientPreface))
	noError(t, err)
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	noError(t, framer.WriteSettings())
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range append([]hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: "server"},
		{Name: ":path", Value: "/grpc.testing.TestService/UnaryCall"},
		{Name: "content-type", Value: "application/grpc"}, {Name: "te", Value: "trailers"},
	}, headers...) {
		noError(t, encoder.WriteField(f))
	}
	noError(t, framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true}))
	noError(t, framer.WriteData(1, true, make([]byte, 5))) // an empty message
	for {
		frame, err := framer.ReadFrame()
		noError(t, err)
		switch f := frame.(type) {
		case *http2.RSTStreamFrame:
			return "reset"
		case *http2.MetaHeadersFrame:
			for _, h := range f.Fields {
				if h.Name == "grpc-status" {
					return h.Value
				}
			}
		}
	}
}

func TestBaggageThatIsMalformed(t *testing.T) {
	for name, tt := range map[string]struct {
		text   string
		status string
		err    error
		sees   string
	}{
		"not UTF-8":           {"who=\xff\xfe", "0", wire.ErrMalformed, "nothing"},
		"not UTF-8, escaped":  {"who=%ff%fe", "0", wire.ErrMalformed, "nothing"},
		"broken escape":       {"who=%f", "0", wire.ErrMalformed, "nothing"},
		"no value":            {"who", "0", wire.ErrMalformed, "nothing"},
		"unknown, not UTF-8":  {"stranger=\xff,who=1", "0", wire.ErrMalformed, "1"},
		"control, escaped":    {"who=%00%0a", "0", nil, "\x00\n"},
		"a control character": {"who=a\x01b", "reset", nil, ""}, // refused by gRPC's HTTP/2
		"an end of line":      {"who=a\r\nb", "reset", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			saw, see := seen()
			peer, reports := reporting()
			l := serve(t, see, accepting(peer)...)
			want(t, "status", rawCall(t, l.Addr().String(), hpack.HeaderField{Name: "baggage", Value: tt.text}), tt.status)
			if tt.status != "0" {
				return
			}
			want(t, "the handler sees", <-saw, tt.sees)
			if tt.err != nil {
				if r := <-reports; !errors.Is(r.Err, tt.err) {
					t.Errorf("report: %v", r)
				}
			}
			want(t, "further reports", len(reports), 0)
		})
	}
}

func TestBaggageInSeveralHeaders(t *testing.T) {
	saw, see := seen()
	l := serve(t, see, accepting(open)...)
	want(t, "status", rawCall(t, l.Addr().String(),
		hpack.HeaderField{Name: "baggage", Value: "once=1,x=2"}, hpack.HeaderField{Name: "baggage", Value: "who=3"}), "0")
	want(t, "the handler sees", <-saw, "3")
}
