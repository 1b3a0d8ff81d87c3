namespace Cdc.Capture.Postgres.Types;

/// <summary>A column's or element's type with its domains taken away.</summary>
/// <param name="Type">Never a domain.</param>
/// <param name="Modifier">The type modifier in force (<c>atttypmod</c>, or the innermost domain's); -1 for none.</param>
/// <param name="Text">The type as <c>format_type</c> prints it, such as <c>numeric(10,2)</c>.</param>
/// <param name="Element">An array's element, resolved as well; else null.</param>
public sealed record ResolvedType(CatalogType Type, int Modifier, string Text, ResolvedType? Element = null);
