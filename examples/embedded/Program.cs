// A program of your own that keeps a copy of a table: changes of 'public.orders' in one PostgreSQL database go into another.
// README.md beside this file says how to run it.
using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Security;
using Cdc.Hosting;
using Cdc.Sink;
using Cdc.Sink.Writers.Postgres;
using Cdc.Transport.Embedded;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
var settings = builder.Configuration;

// The log lies between the two: what capture has written there is safe, and the sink applies it at its own pace.
builder.Services.AddEmbeddedLog(new EmbeddedLogOptions { Path = settings["Log"] ?? "orders-log" });

builder.Services.AddCapture(new CaptureOptions
{
    Name = "shop",
    Tables = ["public.orders"],
    Postgres = new PostgresOptions
    {
        Host = settings["Source:Host"] ?? "localhost",
        Port = int.Parse(settings["Source:Port"] ?? "5432", null),
        Database = settings["Source:Database"] ?? "shop",
        User = settings["Source:User"] ?? "postgres",
        Password = settings["Source:Password"] is { } password ? new Secret(password) : null,
        Create = true, // Makes the publication and the replication slot on the first start.
    },
});

builder.Services.AddSink(new SinkOptions
{
    Name = "warehouse",
    Postgres = new PostgresTargetOptions
    {
        Host = settings["Target:Host"] ?? "localhost",
        Port = int.Parse(settings["Target:Port"] ?? "5432", null),
        Database = settings["Target:Database"] ?? "warehouse",
        User = settings["Target:User"] ?? "postgres",
        Password = settings["Target:Password"] is { } secret ? new Secret(secret) : null,
    },
});

// Runs until Ctrl-C or SIGTERM. What ends capture or the sink for good is thrown here, so the program fails and does not end as if all were
// well.
await builder.Build().RunAsync();
