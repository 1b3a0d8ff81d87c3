using System.Text;
using System.Text.Json;
using Cdc.Control.Commands;
using Cdc.Control.Status;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Cdc.Control;

/// <summary>Answers requests. Who sends a command shows the token; all else only reads, and no rows' values.</summary>
/// <param name="answers">What is told.</param>
/// <param name="commands">The routes that take commands.</param>
/// <param name="instance">The process' own id.</param>
internal sealed class ControlApplication(
    ControlAnswers answers, IReadOnlyList<CommandRoute> commands, string instance) : IHttpApplication<HttpContext>
{
    private const string PlainText = "text/plain; charset=utf-8";

    private static readonly byte[] Page = ReadPage();

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; " +
            "frame-ancestors 'none'";
        if (HttpMethods.IsPost(context.Request.Method)
            && commands.FirstOrDefault(route => string.Equals(context.Request.Path.Value, route.Path, StringComparison.Ordinal))
            is { } command)
            return AnswerCommandAsync(context, command);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            return AnswerAsync(context, StatusCodes.Status405MethodNotAllowed, PlainText, "Only GET is answered here.\n");
        }

        return context.Request.Path.Value switch
        {
            "/" => AnswerAsync(context, StatusCodes.Status200OK, "text/html; charset=utf-8", Page),
            "/healthz/live" => AnswerHealthAsync(context, answers.FindDead()),
            "/healthz/ready" => AnswerHealthAsync(context, answers.FindUnready()),
            "/metrics" when answers.Metrics is { } metrics => metrics(context),
            "/api/v1/status" => AnswerAsync(context, StatusCodes.Status200OK, "application/json",
                JsonSerializer.SerializeToUtf8Bytes(answers.Status() with { Instance = instance }, StatusJson.Default.InstallationStatus)),
            _ => AnswerAsync(context, StatusCodes.Status404NotFound, PlainText,
                "There is nothing here; see /, /api/v1/status, /metrics, /healthz/live and /healthz/ready.\n"),
        };
    }

    private static async Task AnswerCommandAsync(HttpContext context, CommandRoute route)
    {
        var (status, body) = await route.AnswerAsync(context.Request, context.RequestAborted);
        if (status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        await AnswerAsync(context, status, "application/json", body);
    }

    private static Task AnswerHealthAsync(HttpContext context, IReadOnlyList<string> faults) => faults.Count == 0
        ? AnswerAsync(context, StatusCodes.Status200OK, PlainText, "ok\n")
        : AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, PlainText, string.Join('\n', faults) + "\n");

    private static Task AnswerAsync(HttpContext context, int code, string type, string text) =>
        AnswerAsync(context, code, type, Encoding.UTF8.GetBytes(text));

    private static async Task AnswerAsync(HttpContext context, int code, string type, byte[] body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static byte[] ReadPage()
    {
        using var stream = typeof(ControlApplication).Assembly.GetManifestResourceStream("Cdc.Control.Pages.status.html")!;
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
