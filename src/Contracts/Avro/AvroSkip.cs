using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Avro;

/// <summary>
/// How to pass over one value, worked out once per schema. Every step costs at least one byte of input: types of no bytes are left out
/// of records and not counted off in arrays, so hostile bytes cannot make it busy for longer than they are long.
/// </summary>
internal sealed class AvroSkip
{
    private const int MaxDepth = AvroSchemaText.MaxDepth;

    private Step step;
    private int size;
    private AvroSkip[] parts = [];

    private AvroSkip(Step step, int size = 0)
    {
        this.step = step;
        this.size = size;
    }

    private enum Step : byte
    {
        Nothing,
        Boolean,
        Int,
        Long,
        Fixed,
        Bytes,
        Enum,
        Array,
        Map,
        Union,
        Record,
    }

    /// <summary>Makes the plans of one schema text; those of named types are made once.</summary>
    public sealed class Compiler(AvroNamedTypes names)
    {
        private readonly Dictionary<AvroName, AvroSkip> records = [];

        public AvroSkip Compile(AvroSchema schema) => names.Resolve(schema) switch
        {
            AvroSchema.Primitive primitive => Compile(primitive.Kind),
            AvroSchema.Fixed bytes => new AvroSkip(bytes.Size == 0 ? Step.Nothing : Step.Fixed, bytes.Size),
            AvroSchema.Enum symbols => new AvroSkip(Step.Enum, symbols.Symbols.Length),
            AvroSchema.Array array => new AvroSkip(Step.Array) { parts = [Compile(array.Items)] },
            AvroSchema.Map map => new AvroSkip(Step.Map) { parts = [Compile(map.Values)] },
            AvroSchema.Union union => new AvroSkip(Step.Union, union.Branches.Length) { parts = [.. union.Branches.Select(Compile)] },
            AvroSchema.Record record => Compile(record),
            _ => throw new ArgumentOutOfRangeException(nameof(schema), schema, "Not a schema."),
        };

        private static AvroSkip Compile(AvroKind kind) => kind switch
        {
            AvroKind.Null => new AvroSkip(Step.Nothing),
            AvroKind.Boolean => new AvroSkip(Step.Boolean),
            AvroKind.Int => new AvroSkip(Step.Int),
            AvroKind.Long => new AvroSkip(Step.Long),
            AvroKind.Float => new AvroSkip(Step.Fixed, sizeof(float)),
            AvroKind.Double => new AvroSkip(Step.Fixed, sizeof(double)),
            AvroKind.Bytes or AvroKind.String => new AvroSkip(Step.Bytes),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a primitive type."),
        };

        // Noted before its fields are looked at, for they may refer to it.
        private AvroSkip Compile(AvroSchema.Record record)
        {
            if (records.TryGetValue(record.Name, out var known))
                return known;
            var skip = records[record.Name] = new AvroSkip(Step.Record);
            skip.parts = [.. record.Fields.Select(field => Compile(field.Type)).Where(part => part.step != Step.Nothing)];
            if (skip.parts.Length == 0)
                skip.step = Step.Nothing;
            return skip;
        }
    }

    public void Skip(ref AvroReader reader) => Skip(ref reader, 0);

    private void Skip(ref AvroReader reader, int depth)
    {
        switch (step)
        {
            case Step.Nothing:
                break;
            case Step.Boolean:
                reader.ReadBoolean();
                break;
            case Step.Int:
                reader.ReadInt();
                break;
            case Step.Long:
                reader.SkipLong();
                break;
            case Step.Fixed:
                reader.ReadFixed(size);
                break;
            case Step.Bytes:
                reader.ReadBytes();
                break;
            case Step.Enum:
                reader.ReadUnionIndex(size);
                break;
            default:
                SkipNested(ref reader, depth + 1);
                break;
        }
    }

    private void SkipNested(ref AvroReader reader, int depth)
    {
        if (depth > MaxDepth)
            throw TooDeep(reader.Position);
        switch (step)
        {
            case Step.Union:
                parts[reader.ReadUnionIndex(size)].Skip(ref reader, depth);
                break;
            case Step.Record:
                foreach (var part in parts)
                    part.Skip(ref reader, depth);
                break;
            default:
                SkipBlocks(ref reader, depth);
                break;
        }
    }

    private void SkipBlocks(ref AvroReader reader, int depth)
    {
        var item = parts[0];
        while (reader.ReadBlockCount() is > 0 and var count)
        {
            if (item.step == Step.Nothing && step == Step.Array)
                continue;
            for (; count > 0; count--)
            {
                if (step == Step.Map)
                    reader.ReadBytes();
                item.Skip(ref reader, depth);
            }
        }
    }

    private static CdcException TooDeep(int position) => new(
        ErrorCodes.AvroMalformed,
        FormattableString.Invariant($"Reading Avro at byte {position}, values are nested deeper than {MaxDepth} levels."));
}
