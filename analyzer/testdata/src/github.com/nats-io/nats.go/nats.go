package nats

type Conn struct{}

func Connect(url string) (*Conn, error) { return nil, nil }
func (c *Conn) Close()                  {}
