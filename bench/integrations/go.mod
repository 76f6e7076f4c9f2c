module github.com/gocontextvars/contextvars/bench/integrations

go 1.26.0

replace (
	github.com/gocontextvars/contextvars => ../../
	github.com/gocontextvars/contextvars/bench => ../
	github.com/gocontextvars/contextvars/contrib/antsvars => ../../contrib/antsvars
	github.com/gocontextvars/contextvars/contrib/concvars => ../../contrib/concvars
	github.com/gocontextvars/contextvars/contrib/connectvars => ../../contrib/connectvars
	github.com/gocontextvars/contextvars/contrib/grpcvars => ../../contrib/grpcvars
	github.com/gocontextvars/contextvars/contrib/natsvars => ../../contrib/natsvars
	github.com/gocontextvars/contextvars/contrib/otelvars => ../../contrib/otelvars
	github.com/gocontextvars/contextvars/contrib/pondvars => ../../contrib/pondvars
	github.com/gocontextvars/contextvars/contrib/rivervars => ../../contrib/rivervars
	github.com/gocontextvars/contextvars/contrib/temporalvars => ../../contrib/temporalvars
	github.com/gocontextvars/contextvars/contrib/zapvars => ../../contrib/zapvars
	github.com/gocontextvars/contextvars/contrib/zerologvars => ../../contrib/zerologvars
)

require (
	connectrpc.com/connect v1.21.1
	github.com/alitto/pond/v2 v2.7.1
	github.com/gocontextvars/contextvars v0.0.0
	github.com/gocontextvars/contextvars/bench v0.0.0
	github.com/gocontextvars/contextvars/contrib/antsvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/concvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/connectvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/grpcvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/natsvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/otelvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/pondvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/rivervars v0.0.0
	github.com/gocontextvars/contextvars/contrib/temporalvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/zapvars v0.0.0
	github.com/gocontextvars/contextvars/contrib/zerologvars v0.0.0
	github.com/nats-io/nats-server/v2 v2.15.2
	github.com/nats-io/nats.go v1.55.0
	github.com/panjf2000/ants/v2 v2.12.1
	github.com/riverqueue/river v0.51.1
	github.com/riverqueue/river/riverdriver/riversqlite v0.49.0
	github.com/riverqueue/river/rivertype v0.51.1
	github.com/rs/zerolog v1.35.1
	github.com/sourcegraph/conc v0.3.0
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/sdk v1.47.0
	go.opentelemetry.io/otel/trace v1.47.0
	go.temporal.io/sdk v1.50.0
	go.uber.org/goleak v1.3.0
	go.uber.org/zap v1.28.0
	golang.org/x/sync v0.24.0
	google.golang.org/grpc v1.85.0
	modernc.org/sqlite v1.61.1
)

require (
	github.com/antithesishq/antithesis-sdk-go v0.8.0-default-no-op // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/facebookgo/clock v0.0.0-20150410010913-600d898af40a // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/gogo/protobuf v1.3.2 // indirect
	github.com/golang/mock v1.6.0 // indirect
	github.com/google/go-tpm v0.9.8 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/grpc-ecosystem/go-grpc-middleware/v2 v2.3.2 // indirect
	github.com/grpc-ecosystem/grpc-gateway/v2 v2.22.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/minio/highwayhash v1.0.4 // indirect
	github.com/nats-io/jwt/v2 v2.8.2 // indirect
	github.com/nats-io/nkeys v0.4.16 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/nexus-rpc/nexus-proto-annotations v0.1.0 // indirect
	github.com/nexus-rpc/sdk-go v0.7.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/riverqueue/river/riverdriver v0.51.1 // indirect
	github.com/riverqueue/river/rivershared v0.51.1 // indirect
	github.com/robfig/cron v1.2.0 // indirect
	github.com/stretchr/objx v0.5.3 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	github.com/tidwall/gjson v1.20.0 // indirect
	github.com/tidwall/match v1.2.0 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel/log v1.47.0 // indirect
	go.opentelemetry.io/otel/metric v1.47.0 // indirect
	go.temporal.io/api v1.63.5 // indirect
	go.uber.org/multierr v1.10.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/time v0.16.0 // indirect
	google.golang.org/genproto/googleapis/api v0.0.0-20260817212433-ac3dfec99bb1 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260928230214-8a89bd6388cc // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	modernc.org/libc v1.79.0 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)
