namespace Cdc.Contracts.Avro;

/// <summary>The name of a record, enum or fixed type. <paramref name="Namespace"/> is empty where there is none.</summary>
public readonly record struct AvroName(string Namespace, string Name)
{
    /// <summary>Namespace and name with a dot between them.</summary>
    public string FullName => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";

    /// <summary>Splits a full name at its last dot; a name without a dot is of <paramref name="enclosing"/>.</summary>
    public static AvroName Of(string name, string enclosing)
    {
        var dot = name.LastIndexOf('.');
        return dot < 0 ? new AvroName(enclosing, name) : new AvroName(name[..dot], name[(dot + 1)..]);
    }

    public override string ToString() => FullName;
}
