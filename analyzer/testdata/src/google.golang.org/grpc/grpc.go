package grpc

type ClientConn struct{}

func NewClient(target string) (*ClientConn, error) { return nil, nil }
func (c *ClientConn) Close() error                 { return nil }
