package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// A broker is a NATS server in this process, with JetStream on files.
type broker struct {
	server *server.Server
	store  string // a directory
	url    string
}

func startBroker() (*broker, error) {
	dir, err := os.MkdirTemp("", "fleet")
	if err != nil {
		return nil, err
	}
	// Others on this machine shall not be able to connect, since whoever is connected is
	// trusted.
	token := rand.Text()
	s, err := server.NewServer(&server.Options{
		ServerName:    "fleet",
		Host:          "127.0.0.1",
		Port:          server.RANDOM_PORT,
		Authorization: token,
		JetStream:     true,
		StoreDir:      dir,
		NoSigs:        true,
		NoLog:         true,
	})
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	b := &broker{s, dir, ""}
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		b.stop()
		return nil, errors.New("the embedded NATS server does not start")
	}
	b.url = fmt.Sprintf("nats://%s@%s", token, s.Addr())
	return b, nil
}

func (b *broker) stop() {
	b.server.Shutdown()
	b.server.WaitForShutdown()
	removeStore(b.store)
}

// removeStore removes what a server has in its directory, and that, if nobody else has put
// something into it.
func removeStore(dir string) {
	os.RemoveAll(filepath.Join(dir, server.JetStreamStoreDir))
	os.Remove(dir)
}
