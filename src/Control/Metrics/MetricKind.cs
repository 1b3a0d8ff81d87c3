namespace Cdc.Control.Metrics;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
