// A client of the ClickHouse endpoint that is what the Collector's exporter and Grafana's data source
// use: clickhouse-go over HTTP. It prints one JSON line a step, and the test reads them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func main() {
	address, compression := os.Args[1], os.Args[2]
	methods := map[string]clickhouse.CompressionMethod{
		"none": clickhouse.CompressionNone,
		"lz4":  clickhouse.CompressionLZ4,
		"zstd": clickhouse.CompressionZSTD,
		"gzip": clickhouse.CompressionGZIP,
	}
	open := func(user, password string) driver.Conn {
		connection, err := clickhouse.Open(&clickhouse.Options{
			Protocol:    clickhouse.HTTP,
			Addr:        []string{address},
			Auth:        clickhouse.Auth{Database: "ai_feedback", Username: user, Password: password},
			Compression: &clickhouse.Compression{Method: methods[compression], Level: 3},
			Settings:    clickhouse.Settings{"async_insert": "1"},
		})
		must(err)
		return connection
	}
	ctx := context.Background()
	writer := open("collector", os.Getenv("WRITER"))
	reader, err := clickhouse.Open(&clickhouse.Options{
		Protocol:    clickhouse.HTTP,
		Addr:        []string{address},
		Auth:        clickhouse.Auth{Database: "ai_feedback", Username: "grafana", Password: os.Getenv("READER")},
		Compression: &clickhouse.Compression{Method: methods[compression], Level: 3},
	})
	must(err)

	must(writer.Ping(ctx))
	must(reader.Ping(ctx))
	version, err := reader.ServerVersion()
	must(err)
	say("ping", version.Version.Major > 20)

	insert(ctx, writer, os.Args[3])
	say("insert", true)

	types(ctx, reader)
	empty(ctx, reader)
	many(ctx, reader)
	exceptions(ctx, reader, writer, open("grafana", "not the password of anybody"))
	cancel(reader)
}

func insert(ctx context.Context, connection driver.Conn, service string) {
	batch, err := connection.PrepareBatch(ctx, `INSERT INTO "ai_feedback"."otel_traces" (
		Timestamp, TraceId, SpanId, SpanName, ServiceName, ResourceAttributes, SpanAttributes, Duration,
		Events.Timestamp, Events.Name, Events.Attributes,
		Links.TraceId, Links.SpanId, Links.TraceState, Links.Attributes
	)`)
	must(err)
	none := []map[string]string{}
	for row := range 3 {
		must(batch.Append(
			time.Unix(1795464000, 123456789), fmt.Sprintf("%032x", row+1), fmt.Sprintf("%016x", row+1),
			"chat", service, map[string]string{"a": "b"}, map[string]string{"k": "v", "": "ü"},
			uint64(7), []time.Time{time.Unix(1, 2)}, []string{"e"}, []map[string]string{{"x": "y"}},
			[]string{}, []string{}, []string{}, none,
		))
	}
	must(batch.Send())
}

// Every type of a column in the raw tables and views, and those that dashboards make of them.
func types(ctx context.Context, connection driver.Conn) {
	var (
		text, low, lowNull, enum string
		maybe, nothing           *string
		small                    uint8
		big                      uint64
		signed                   int64
		real                     float64
		yes                      bool
		day, at, precise         time.Time
		array                    []string
		pairs                    map[string]string
		never                    *time.Time
	)
	must(connection.QueryRow(ctx, `select
		'text', toLowCardinality('low'), toLowCardinality(toNullable('n')), toNullable('maybe'),
		cast(null as Nullable(String)), toUInt8(255), toUInt64(18446744073709551615), toInt64(-5),
		1.5, true, toDate('2026-11-24'), toDateTime('2026-11-24 01:02:03', 'UTC'),
		toDateTime64('2026-11-24 01:02:03.123456789', 9, 'UTC'), ['a', 'b'], map('k', 'v'),
		cast(null as Nullable(DateTime64(3, 'UTC'))),
		cast('used' as Enum8('none' = 0, 'used' = 1))`,
	).Scan(&text, &low, &lowNull, &maybe, &nothing, &small, &big, &signed, &real, &yes, &day, &at,
		&precise, &array, &pairs, &never, &enum))
	say("types", text == "text" && low == "low" && lowNull == "n" && *maybe == "maybe" &&
		nothing == nil && small == 255 && big == 18446744073709551615 && signed == -5 && real == 1.5 &&
		yes && day.Format("2006-01-02") == "2026-11-24" && at.Unix() == 1795482123 &&
		precise.Nanosecond() == 123456789 && len(array) == 2 && pairs["k"] == "v" && never == nil &&
		enum == "used")

	rows, err := connection.Query(ctx, "select * from outputs limit 0")
	must(err)
	must(rows.Close())
	for _, view := range []string{"outputs", "actions", "signal_rates", "links"} {
		rows, err := connection.Query(ctx, "select * from "+view)
		must(err)
		for rows.Next() {
		}
		must(rows.Err())
	}
	say("views", true)

	var bound string
	must(connection.QueryRow(clickhouse.Context(ctx, clickhouse.WithParameters(
		clickhouse.Parameters{"p": "it's a parameter"})), "select {p:String}").Scan(&bound))
	say("parameters", bound == "it's a parameter")

	var seconds string
	deadline, stop := context.WithTimeout(ctx, 40*time.Second)
	defer stop()
	must(connection.QueryRow(deadline,
		"select value from system.settings where name = 'max_execution_time'").Scan(&seconds))
	say("deadline", seconds != "0" && seconds != "")
}

func empty(ctx context.Context, connection driver.Conn) {
	rows, err := connection.Query(ctx, "select 1 as one where 0")
	must(err)
	count := 0
	for rows.Next() {
		count++
	}
	must(rows.Err())
	say("empty", count == 0)
}

func many(ctx context.Context, connection driver.Conn) {
	rows, err := connection.Query(ctx, "select number, toString(number) from numbers(300000)")
	must(err)
	var sum, number uint64
	var text string
	for rows.Next() {
		must(rows.Scan(&number, &text))
		sum += number
	}
	must(rows.Err())
	say("many", sum == 299999*300000/2 && text == "299999")
}

func exceptions(ctx context.Context, reader, writer, stranger driver.Conn) {
	say("unknown table", is(query(ctx, reader, "select * from no_such_table"), "UNKNOWN_TABLE"))
	say("syntax", is(query(ctx, reader, "selec 1"), "SYNTAX_ERROR"))
	say("in the middle", is(query(ctx, reader,
		"select intDiv(1, 299999 - number) from numbers(300000)"), "ILLEGAL_DIVISION"))
	say("text", is(query(ctx, reader, "select SpanAttributes from otel_traces"), "ACCESS_DENIED"))
	say("file", is(query(ctx, reader, "select file('/etc/passwd')"), "ACCESS_DENIED"))
	say("change", is(query(ctx, reader, "drop view outputs"), "ACCESS_DENIED"))
	say("writer reads", is(query(ctx, writer, "select * from outputs"), "ACCESS_DENIED"))
	say("stranger", is(stranger.Ping(ctx), "AUTHENTICATION_FAILED"))
}

// A question whose asker has gone must end in the server as well: the test looks.
func cancel(connection driver.Conn) {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	err := query(ctx, connection,
		"select count() from numbers(1000000000000) where not ignore(sipHash64(number, 'cancelled'))")
	say("cancel", errors.Is(err, context.DeadlineExceeded))
}

func query(ctx context.Context, connection driver.Conn, sql string) error {
	rows, err := connection.Query(ctx, sql)
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return rows.Err()
}

func is(err error, name string) bool {
	if err == nil {
		return false
	}
	if strings.Contains(err.Error(), name) {
		return true
	}
	fmt.Fprintln(os.Stderr, "got instead of", name+":", err)
	return false
}

func say(step string, right bool) {
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"step": step, "right": right}))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
