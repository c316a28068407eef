using System;
using System.Linq;
using System.Text;

/// <summary>Answers each line of standard input with what the recipe makes of it.</summary>
static class Vectors
{
    static void Main(string[] arguments)
    {
        Feedback feedback = new Feedback(arguments[0]);
        for (string line = Console.ReadLine(); line != null; line = Console.ReadLine())
        {
            string[] given = line.Split('\t');
            Console.WriteLine(Answer(feedback, given));
        }
    }

    static string Answer(Feedback feedback, string[] given)
    {
        switch (given[0])
        {
            case "hash": return feedback.Hash(Text(given[1]));
            case "length": return Feedback.Length(Text(given[1])).ToString();
            case "subject": return feedback.Subject(Text(given[1]));
            case "derived": return string.Concat(feedback.Derived(Text(given[1])).Select(one => one.ToString("x2")));
            case "handle": return feedback.Handle(given[1], given[2], long.Parse(given[3]), given[4] == "true");
            case "action": return Feedback.ActionId(Text(given[1]), Text(given[2]), Text(given[3]));
            default: throw new ArgumentException(given[0]);
        }
    }

    /// <summary>Code units as they are, lone surrogates too, which no decoder lets pass.</summary>
    static string Text(string hex)
    {
        StringBuilder found = new StringBuilder();
        for (int at = 0; at < hex.Length; at += 4) found.Append((char)Convert.ToInt32(hex.Substring(at, 4), 16));
        return found.ToString();
    }
}
